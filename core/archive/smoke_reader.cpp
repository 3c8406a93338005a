#include "core/archive/smoke_reader.h"

#include <algorithm>

#include "core/archive/applier.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

SmokePoint point_of(const HistogramRow& row) {
  SmokePoint point{.begin = row.begin, .sent = row.sent, .lost = row.lost};
  point.heavy = row.heavy;
  if (row.delays.empty()) return point;
  point.min = static_cast<double>(row.delays.min_ns()) / 1e9;
  point.max = static_cast<double>(row.delays.max_ns()) / 1e9;
  point.p10 = percentile_s(row.delays, 10);
  point.p25 = percentile_s(row.delays, 25);
  point.p50 = percentile_s(row.delays, 50);
  point.p75 = percentile_s(row.delays, 75);
  point.p90 = percentile_s(row.delays, 90);
  point.same_clock = row.delays.clock().same_clock;
  if (row.delays.clock().bound) point.clock_bound = to_seconds(*row.delays.clock().bound);
  return point;
}

/// Joins the rows of each stretch as they pass, ascending.
class Merger {
 public:
  Merger(Duration step, const std::function<void(const HistogramRow&)>& take) : step_(step), take_(take) {}
  void add(HistogramRow row) {
    if (!rows_.empty() && row.begin >= begin_ + step_) finish();
    if (rows_.empty()) begin_ = align_down(row.begin, step_);
    rows_.push_back(std::move(row));
  }
  void finish() {
    if (!rows_.empty()) take_(merge(rows_, begin_));
    rows_.clear();
  }

 private:
  const Duration step_;
  const std::function<void(const HistogramRow&)>& take_;
  UtcTime begin_{};
  std::vector<HistogramRow> rows_;
};

}  // namespace

std::optional<double> percentile_s(const DelayHistogram& delays, int percent, std::uint64_t lost) {
  const std::uint64_t all = delays.count() + lost;
  if (!publishable(all, percent) || rank_of(all, percent) > delays.count()) return std::nullopt;
  std::uint64_t rank = rank_of(all, percent);
  for (const HistogramBin& bin : delays.bins()) {
    if (rank <= bin.count) {
      const std::int64_t middle = bin.low_ns + (bin.high_ns - bin.low_ns) / 2;
      return static_cast<double>(std::clamp(middle, delays.min_ns(), delays.max_ns())) / 1e9;
    }
    rank -= bin.count;
  }
  return std::nullopt;
}

Duration SmokeReader::merged(Journal& journal, const Strand& strand, TimeRange range, Duration step,
                             const std::function<void(const HistogramRow&)>& take) const {
  const auto tiers = histogram_tiers(strand.step);
  const Tier& tier = source_tier(tiers, step, range.begin, clock_.utc_now());
  step = std::max(step, tier.step);
  const TimeRange whole{align_down(range.begin, step), align_down(range.end - 1ns, step) + step};
  const auto unapplied = unapplied_rows(journal, strand, whole);
  Merger merger(step, take);
  auto next = unapplied.begin();
  Histograms::read(journal, strand, tier, whole, [&](HistogramRow row) {
    for (; next != unapplied.end() && next->begin < row.begin; ++next) merger.add(*next);
    merger.add(std::move(row));
  });
  for (; next != unapplied.end(); ++next) merger.add(*next);
  merger.finish();
  return step;
}

/// What has come since the series thread's last turn, ascending.
std::vector<HistogramRow> SmokeReader::unapplied_rows(Journal& journal, const Strand& strand, TimeRange range) const {
  std::vector<HistogramRow> rows;
  const auto results =
      results_.unapplied(journal, strand.key.test, strand.key.revision, range, mark(journal, "applied"));
  for (const ResultRow& row : results) {
    if (row.keeping == Keeping::doubtful) continue;
    if (auto histogram = histogram_of(*row.result, strand.key.direction, row.result->begin)) rows.push_back(*histogram);
  }
  std::ranges::stable_sort(rows, {}, &HistogramRow::begin);
  return rows;
}

Smoke SmokeReader::smoke(Journal& journal, const std::string& test, std::uint32_t revision, Direction direction,
                         TimeRange range, Duration resolution) const {
  Smoke smoke{std::max(resolution, Duration{1s}), {}};
  const auto strand = strands_.find({test, revision, direction, ""});
  if (!strand || range.length() <= 0s) return smoke;
  const Journal::Transaction snapshot(journal);
  smoke.step = round_step(strand->step, resolution, range.length());
  smoke.step = merged(journal, *strand, range, smoke.step,
                      [&](const HistogramRow& row) { smoke.points.push_back(point_of(row)); });
  return smoke;
}

}  // namespace sonde
