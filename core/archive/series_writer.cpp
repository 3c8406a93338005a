#include "core/archive/series_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/archive/tiers.h"
#include "core/base/error.h"

namespace sonde {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kTenYears = 315'360'000;
constexpr FileKind kKinds[] = {FileKind::steps, FileKind::sums, FileKind::ranges};

std::string source_of(Names::Id metric) { return "m" + std::to_string(metric); }

/// Where a metric goes beside the steps, which have everything. Percentiles of a direction whose histograms are kept
/// need no file: at coarse tiers they come from those.
bool belongs(FileKind kind, Combining combining, bool has_histograms) {
  switch (combining) {
    case Combining::sum:
      return kind != FileKind::ranges;
    case Combining::mean:
    case Combining::by_measured:
    case Combining::by_received:
      return true;
    case Combining::least:
    case Combining::greatest:
    case Combining::envelope:
      return kind != FileKind::sums;
    case Combining::distribution:
      return kind == FileKind::steps || (kind == FileKind::ranges && !has_histograms);
  }
  return false;
}

double clock_bound(const Result& r, Direction direction) {
  if ((direction != Direction::forward && direction != Direction::reverse) || r.own_clocks_only) return kUnknown;
  if (!r.local_clock.bound || !r.remote_clock.bound) return kUnknown;
  return to_seconds(*r.local_clock.bound + *r.remote_clock.bound);
}

}  // namespace

/// What one Result says about one strand, ready to be asked source by source.
struct SeriesWriter::View {
  std::map<Names::Id, const Statistic*> statistics;
  bool has_counts = false;
  double measured = 1, received = 1, bound = kUnknown;

  double value(const std::string& source, FileKind kind) const {
    if (source == "n") return 1;
    if (source == "w0") return measured;
    if (source == "w1") return received;
    if (source == "bound") return bound;
    Names::Id id = 0;
    std::from_chars(source.data() + 1, source.data() + source.size(), id);
    const auto found = statistics.find(id);
    if (found == statistics.end()) return kUnknown;
    const Statistic& s = *found->second;
    if (kind != FileKind::sums) return s.value.value_or(kUnknown);
    switch (combining_of(*s.metric)) {
      case Combining::by_measured:
        return product(s.value, measured);
      case Combining::by_received:
        return product(s.value, received);
      default:
        return s.value.value_or(kUnknown);
    }
  }

  /// Nothing measured weighs nothing, so that sums stay sums over the same steps.
  static double product(const std::optional<double>& value, double weight) {
    if (weight == 0) return 0;
    if (!value) return kUnknown;
    // The count behind a share comes back whole: only the last digits of the product may differ from it.
    const double sum = *value * weight, whole = std::nearbyint(sum);
    return std::abs(sum - whole) <= 4 * std::numeric_limits<double>::epsilon() * std::abs(whole) ? whole : sum;
  }
};

SeriesWriter::View SeriesWriter::view_of(Names& names, const Result& result, const StrandValues& values) {
  View view;
  for (const Statistic* s : values.statistics) view.statistics.emplace(names.id_of(*s->metric), s);
  view.bound = clock_bound(result, values.key.direction);
  const DirectionResult* direction = values.key.subject.empty() ? direction_in(result, values.key.direction) : nullptr;
  if (direction != nullptr) {
    view.has_counts = true;
    view.measured = static_cast<double>(direction->counts.received + direction->counts.lost);
    view.received = static_cast<double>(direction->counts.received);
  }
  return view;
}

SeriesWriter::Fate SeriesWriter::add(const Result& result, UtcTime believed_now) {
  const TimeRange slot = slot_of(result);
  if (slot.end > believed_now) return Fate::beside;
  const auto strands = strands_in(result);
  bool all_there = true;
  for (const StrandValues& values : strands) {
    const auto strand = strands_.find(values.key);
    if (!strand || strand->parts == 0) {
      all_there = false;
      continue;
    }
    if (strand->step != result.step) return Fate::beside;
    const FileKey steps{strand->id, 1, FileKind::steps};
    const std::int64_t newest = newest_s(steps);
    if (newest > utc_seconds(believed_now + kAhead)) {
      files_.suspect(steps);
      throw BrokenFile(steps, files_.path(steps).string() + " was written while the clock was ahead");
    }
    const bool fits = newest < utc_seconds(slot.end);
    if (!fits && !has_step(*strand, slot)) return Fate::beside;
    all_there = all_there && !fits;
  }
  if (strands.empty()) return Fate::beside;
  if (all_there) return Fate::there;
  for (const StrandValues& values : strands) {
    const View view = view_of(names_, result, values);
    place_new_metrics(values.key, view);
    const auto strand = strands_.find(values.key);
    for (int part = 1; strand && part <= strand->parts; ++part)
      for (const FileKind kind : kKinds) add_row({strand->id, part, kind}, *strand, view, slot);
  }
  return Fate::taken;
}

void SeriesWriter::add_to(const FileKey& file, const Result& result) {
  const auto strand = strands_.find(file.strand);
  if (!strand) return;
  for (const StrandValues& values : strands_in(result))
    if (values.key == strand->key) add_row(file, *strand, view_of(names_, result, values), slot_of(result));
}

/// Whether the step was measured, as the file knows it.
bool SeriesWriter::has_step(const Strand& strand, const TimeRange& slot) {
  const FileKey file{strand.id, 1, FileKind::steps};
  if (const auto waiting = waiting_.find(file); waiting != waiting_.end())
    for (const RrdRow& row : waiting->second)
      if (row.end_s == utc_seconds(slot.end) && !row.values.empty() && row.values[0] == 1) return true;
  const RrdTable table = files_.read(file, "AVERAGE", strand.step / std::chrono::seconds{1}, utc_seconds(slot.begin),
                                     utc_seconds(slot.end));
  return table.rows() > 0 && table.values[0] == 1;
}

/// Of a file that is not there: long ago.
std::int64_t SeriesWriter::newest_s(const FileKey& file) {
  const auto waiting = waiting_.find(file);
  if (waiting != waiting_.end() && !waiting->second.empty()) return waiting->second.back().end_s;
  return files_.exists(file) ? files_.newest_s(file) : 0;
}

void SeriesWriter::place_new_metrics(const StrandKey& key, const View& view) {
  const auto strand = strands_.find(key);
  if (!strand) return;
  for (const auto& [id, s] : view.statistics)
    if (const auto found = strand->metrics.find(s->metric->key);
        found == strand->metrics.end() || found->second.part == 0)
      strands_.place(key, s->metric->key, strand->parts + 1);
}

/// False = this kind of file would hold nothing.
bool SeriesWriter::make_file(const FileKey& file, const Strand& strand, const View& view, const TimeRange& slot) {
  const std::int64_t step_s = slot.length() / std::chrono::seconds{1}, heartbeat_s = 2 * step_s;
  if (file.kind != FileKind::steps && coarse_tiers_of(slot.length()).empty()) return false;
  std::vector<RrdSource> sources;
  if (file.kind != FileKind::ranges) sources = {{"n", kTenYears}, {"w0", heartbeat_s}, {"w1", heartbeat_s}};
  const std::size_t helpers = sources.size();
  for (const auto& [metric, entry] : strand.metrics)
    if (entry.part == file.part && belongs(file.kind, entry.combining, view.has_counts))
      sources.push_back({source_of(names_.id_of(metric)), heartbeat_s});
  if (sources.size() == helpers) return false;
  if (file.kind != FileKind::sums) sources.push_back({"bound", heartbeat_s});
  files_.make(file, step_s, utc_seconds(slot.begin), sources);
  return true;
}

void SeriesWriter::add_row(const FileKey& file, const Strand& strand, const View& view, const TimeRange& slot) {
  if (!waiting_.contains(file) && !files_.exists(file) && !make_file(file, strand, view, slot)) return;
  const std::int64_t newest = newest_s(file), begin = utc_seconds(slot.begin), end = utc_seconds(slot.end);
  if (end <= newest) return;
  const auto sources = files_.sources(file);
  auto& rows = waiting_[file];
  // Without this the two steps of heartbeat would let the new value reach back over a missing step.
  if (begin > newest) {
    RrdRow gap{begin, std::vector<double>(sources.size(), kUnknown)};
    if (sources.front() == "n") gap.values.front() = 0;
    rows.push_back(std::move(gap));
  }
  RrdRow row{end, {}};
  row.values.reserve(sources.size());
  for (const std::string& source : sources) row.values.push_back(view.value(source, file.kind));
  rows.push_back(std::move(row));
}

std::vector<FileKey> SeriesWriter::touched() const {
  std::vector<FileKey> files;
  for (const auto& [file, rows] : waiting_) files.push_back(file);
  return files;
}

std::vector<FileKey> SeriesWriter::write() {
  std::vector<FileKey> broken;
  for (const auto& [file, rows] : waiting_) {
    try {
      files_.append(file, rows);
    } catch (const BrokenFile&) {
      broken.push_back(file);
    }
  }
  waiting_.clear();
  return broken;
}

}  // namespace sonde
