#include <charconv>

#include "core/archive/series_reader.h"

namespace sonde {
namespace {

/// The percentile that a key names, as it is over a merged histogram.
std::optional<double> value_of(std::string_view key, const HistogramRow& row) {
  if (row.delays.empty()) return std::nullopt;
  const double least = static_cast<double>(row.delays.min_ns()) / 1e9;
  if (key == metric::pdv_spread.key) {
    const auto p50 = percentile_s(row.delays, 50), p95 = percentile_s(row.delays, 95);
    return p50 && p95 ? std::optional(*p95 - *p50) : std::nullopt;
  }
  const auto p = key.find(".p");
  int percent = 0;
  const auto [end, error] = std::from_chars(key.data() + p + 2, key.data() + key.size(), percent);
  if (error != std::errc{} || percent < 1 || percent > 99) return std::nullopt;
  const std::string_view rest(end, static_cast<std::size_t>(key.data() + key.size() - end));
  const auto value = percentile_s(row.delays, percent, rest == "_lost_infinite" ? row.lost : 0);
  return value && key.starts_with("pdv.") ? std::optional(*value - least) : value;
}

}  // namespace

/// Percentiles of a wide point are those of all its packets: from histograms, never from other percentiles.
void SeriesReader::merge_distributions(Journal& journal, const Strand& strand, TimeRange range, Series& series) const {
  std::vector<Point> joined;
  auto stored = series.points.begin();
  const auto join = [&](const HistogramRow& row) {
    while (stored != series.points.end() && stored->begin < row.begin) joined.push_back(*stored++);
    Point point{row.begin, {}, {}, {}, {}};
    if (stored != series.points.end() && stored->begin == row.begin) point = *stored++;
    point.value = value_of(series.key.metric, row);
    if (row.delays.clock().bound && series.key.metric.starts_with("delay."))
      point.error = to_seconds(*row.delays.clock().bound);
    if (point.value || point.low) joined.push_back(point);
  };
  if (smoke_.merged(journal, strand, range, series.step, join) != series.step) return;
  joined.insert(joined.end(), stored, series.points.end());
  series.points = std::move(joined);
}

}  // namespace sonde
