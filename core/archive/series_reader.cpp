#include "core/archive/series_reader.h"

#include <algorithm>
#include <cmath>

#include "core/archive/applier.h"
#include "core/archive/cells.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

std::optional<double> known(double value) { return std::isnan(value) ? std::nullopt : std::optional(value); }

std::optional<std::size_t> column_of(const std::vector<std::string>& sources, const std::string& name) {
  const auto found = std::ranges::find(sources, name);
  return found == sources.end() ? std::nullopt : std::optional<std::size_t>(found - sources.begin());
}

const char* weight_of(Combining combining) {
  if (combining == Combining::by_measured) return "w0";
  return combining == Combining::by_received ? "w1" : "n";
}

bool is_one_way_delay(const SeriesKey& key) {
  return (key.direction == Direction::forward || key.direction == Direction::reverse) &&
         key.metric.starts_with("delay.");
}

double weight_of(Combining combining, const std::optional<Counts>& counts) {
  if (!counts) return 1;
  if (combining == Combining::by_measured) return static_cast<double>(counts->received + counts->lost);
  return combining == Combining::by_received ? static_cast<double>(counts->received) : 1;
}

std::string source_name(const Names& names, std::string_view metric) {
  return "m" + std::to_string(names.find(metric));
}

TimeRange aligned(TimeRange range, Duration step) {
  return {align_down(range.begin, step), align_down(range.end - 1ns, step) + step};
}

std::optional<double> half_width(const Interval& interval) {
  if (!interval.low || !interval.high) return std::nullopt;
  return (*interval.high - *interval.low) / 2;
}

}  // namespace

/// One answer in the making: a cell for every point of the range.
struct SeriesReader::Request {
  SeriesKey key;
  Strand strand;
  SeriesEntry entry;
  std::string source;  ///< the metric's name within files
  TimeRange range;     ///< aligned to step
  Duration step{};
  std::vector<Cell> cells;
  UtcTime joined = UtcTime::min();  ///< steps that end by then came from the files

  Cell* at(UtcTime t) {
    return range.contains(t) ? &cells[static_cast<std::size_t>((t - range.begin) / step)] : nullptr;
  }
  FileKey file(FileKind kind) const { return {strand.id, entry.part, kind}; }
};

std::vector<SeriesInfo> SeriesReader::series(const std::string& test) const {
  std::vector<SeriesInfo> all;
  for (const Strand& strand : strands_.of_test(test)) {
    if (strand.first > strand.last) continue;
    for (const auto& [metric, entry] : strand.metrics) {
      const SeriesKey key{test, strand.key.revision, metric, strand.key.direction, strand.key.subject};
      all.push_back({key, {strand.first, strand.last + strand.step}, strand.step});
    }
  }
  return all;
}

Series SeriesReader::fetch(Journal& journal, const SeriesKey& key, TimeRange range, Duration resolution) const {
  Series series{key, std::max(resolution, Duration{1s}), {}};
  auto strand = strands_.find({key.test, key.revision, key.direction, key.subject});
  if (!strand || range.length() <= 0s || !strand->metrics.contains(key.metric)) return series;
  const Journal::Transaction snapshot(journal);
  Request request{
      key, *strand,       strand->metrics.find(key.metric)->second, source_name(names_, key.metric), range, {},
      {},  UtcTime::min()};
  if (strand->step == 0s) return events(journal, request);

  std::vector<Tier> tiers{own_tier(strand->step)};
  std::ranges::copy(coarse_tiers_of(strand->step), std::back_inserter(tiers));
  series.step = round_step(strand->step, resolution, range.length());
  const Tier& tier = source_tier(tiers, series.step, range.begin, clock_.utc_now());
  series.step = std::max(series.step, tier.step);
  request.step = series.step;
  request.range = aligned(range, series.step);
  request.cells.resize(static_cast<std::size_t>(request.range.length() / series.step));

  // The database first: whatever is applied meanwhile is then found in the files.
  const auto loose = loose_of(journal, request);
  request.joined = request.entry.part > 0 ? newest_step(request) : UtcTime::min();
  UtcTime tail = request.range.begin;
  if (request.joined > request.range.begin && tier.step > strand->step) {
    // Rows of a coarse tier are there once their last step is; after them come the steps themselves.
    tail = std::clamp(align_down(request.joined, tier.step), request.range.begin, request.range.end);
    add_sums(request, tier, tail);
    add_ranges(request, tier, tail);
  }
  add_steps(request, tail);
  add_loose(request, loose);

  for (std::size_t i = 0; i < request.cells.size(); ++i)
    if (!request.cells[i].empty())
      series.points.push_back(request.cells[i].point(request.entry.combining,
                                                     request.range.begin + static_cast<std::int64_t>(i) * series.step));
  if (request.entry.combining == Combining::distribution && series.step > strand->step)
    merge_distributions(journal, request.strand, request.range, series);
  return series;
}

UtcTime SeriesReader::newest_step(const Request& request) const {
  const FileKey steps = request.file(FileKind::steps);
  try {
    return files_.exists(steps) ? utc_from_seconds(files_.newest_s(steps)) : UtcTime::min();
  } catch (const BrokenFile&) {
    return UtcTime::min();  // about to be restored
  }
}

RrdTable SeriesReader::table(const Request& request, FileKind kind, const char* combining, Duration step, UtcTime begin,
                             UtcTime end, std::vector<std::string>& sources) const {
  const FileKey file = request.file(kind);
  end = std::min(end, request.joined);
  if (end <= begin || !files_.exists(file)) return {};
  try {
    sources = files_.sources(file);
  } catch (const BrokenFile&) {
    return {};
  }
  RrdTable table = files_.read(file, combining, step / 1s, utc_seconds(begin), utc_seconds(end));
  if (table.columns != sources.size()) return {};
  return table;
}

void SeriesReader::add_steps(Request& request, UtcTime begin) const {
  std::vector<std::string> sources;
  const Combining combining = request.entry.combining;
  const RrdTable steps =
      table(request, FileKind::steps, "AVERAGE", request.strand.step, begin, request.range.end, sources);
  const auto value = column_of(sources, request.source), weight = column_of(sources, weight_of(combining)),
             bound = column_of(sources, "bound");
  if (!value || !weight) return;
  for (std::size_t i = 0; i < steps.rows(); ++i) {
    const double* row = &steps.values[i * steps.columns];
    const UtcTime end = utc_from_seconds(steps.first_end_s + static_cast<std::int64_t>(i) * steps.step_s);
    Cell* cell = request.at(end - request.strand.step);
    if (cell == nullptr || end > request.joined || std::isnan(row[*value])) continue;
    cell->add_value(combining, row[*value], std::isnan(row[*weight]) ? 1 : row[*weight]);
    if (bound && is_one_way_delay(request.key)) cell->add_error(known(row[*bound]));
  }
}

void SeriesReader::add_sums(Request& request, const Tier& tier, UtcTime end) const {
  std::vector<std::string> sources;
  const Combining combining = request.entry.combining;
  const RrdTable sums = table(request, FileKind::sums, "AVERAGE", tier.step, request.range.begin, end, sources);
  const auto value = column_of(sources, request.source), weight = column_of(sources, weight_of(combining)),
             share = column_of(sources, "n");
  if (!value || !weight || !share) return;
  const double steps = static_cast<double>(tier.step / request.strand.step);
  for (std::size_t i = 0; i < sums.rows(); ++i) {
    const double* row = &sums.values[i * sums.columns];
    const UtcTime begin = utc_from_seconds(sums.first_end_s + (static_cast<std::int64_t>(i) - 1) * sums.step_s);
    Cell* cell = request.at(begin);
    if (cell == nullptr || begin >= end || std::isnan(row[*value])) continue;
    cell->add_mean(combining, row[*value], row[*weight], row[*share] * steps);
  }
}

void SeriesReader::add_ranges(Request& request, const Tier& tier, UtcTime end) const {
  for (const bool low : {true, false}) {
    std::vector<std::string> sources;
    const RrdTable ranges =
        table(request, FileKind::ranges, low ? "MIN" : "MAX", tier.step, request.range.begin, end, sources);
    const auto value = column_of(sources, request.source), bound = column_of(sources, "bound");
    if (!value) continue;
    for (std::size_t i = 0; i < ranges.rows(); ++i) {
      const double* row = &ranges.values[i * ranges.columns];
      const UtcTime begin = utc_from_seconds(ranges.first_end_s + (static_cast<std::int64_t>(i) - 1) * ranges.step_s);
      Cell* cell = request.at(begin);
      if (cell == nullptr || begin >= end || std::isnan(row[*value])) continue;
      cell->add_range(low ? known(row[*value]) : std::nullopt, low ? std::nullopt : known(row[*value]));
      if (!low && bound && is_one_way_delay(request.key)) cell->add_error(known(row[*bound]));
    }
  }
}

std::vector<ResultTable::Loose> SeriesReader::loose_of(Journal& journal, const Request& request) const {
  std::vector<ResultTable::Loose> found;
  results_.loose(journal, request.key, request.range, mark(journal, "applied"), [&](const ResultTable::Loose& loose) {
    if (!loose.coded.value) return;
    if (loose.keeping == Keeping::doubtful && is_one_way_delay(request.key)) return;
    found.push_back(loose);
  });
  return found;
}

void SeriesReader::add_loose(Request& request, const std::vector<ResultTable::Loose>& all) const {
  const bool own_width = request.step == request.strand.step;
  for (const ResultTable::Loose& loose : all) {
    const bool aligned = loose.keeping == Keeping::aligned;
    const TimeRange slot = slot_of(loose.time.begin, request.strand.step);
    if (aligned && slot.end <= request.joined) continue;
    Cell* cell = request.at(aligned ? slot.begin : loose.time.begin);
    // At the test's own width a step says what the step measured; what came beside it shows where there is none.
    if (cell == nullptr || (own_width && !aligned && !cell->empty())) continue;
    cell->add_value(request.entry.combining, *loose.coded.value,
                    weight_of(request.entry.combining, loose.coded.counts));
    if (is_one_way_delay(request.key)) cell->add_error(half_width(loose.coded.interval));
  }
}

/// Event results keep their own times; only more of them than can be drawn share points.
Series SeriesReader::events(Journal& journal, Request& request) const {
  Series series{request.key, Duration::zero(), {}};
  const auto loose = loose_of(journal, request);
  if (loose.size() <= kMostPoints) {
    for (const auto& l : loose)
      series.points.push_back(
          {l.time.begin, l.coded.value, l.coded.value, l.coded.value, half_width(l.coded.interval)});
    return series;
  }
  series.step = request.step = round_step(0s, 1s, request.range.length());
  request.range = aligned(request.range, series.step);
  request.cells.resize(static_cast<std::size_t>(request.range.length() / series.step));
  add_loose(request, loose);
  for (std::size_t i = 0; i < request.cells.size(); ++i)
    if (!request.cells[i].empty())
      series.points.push_back(request.cells[i].point(request.entry.combining,
                                                     request.range.begin + static_cast<std::int64_t>(i) * series.step));
  if (request.entry.combining == Combining::distribution)
    merge_distributions(journal, request.strand, request.range, series);
  return series;
}

}  // namespace sonde
