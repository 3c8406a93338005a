#include "core/archive/budget.h"

#include <algorithm>
#include <cmath>

#include "core/archive/retention.h"
#include "core/archive/tiers.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

/// SQLite's pages are rarely more than two thirds full; the write-ahead log and indices come on top.
constexpr double kPages = 1.6;
constexpr double kStatisticOctets = 16, kResultOctets = 600, kPacketOctets = 20;

/// Sources that a metric has in the coarse files, on average over what such a probe may report.
double coarse_sources(const ProbeType& type) {
  double sources = 0, metrics = 0;
  const auto add = [&](const Metric& metric) {
    switch (combining_of(metric)) {
      case Combining::sum:
        sources += 1;
        break;
      case Combining::least:
      case Combining::greatest:
      case Combining::envelope:
        sources += 2;
        break;
      case Combining::distribution:
        sources += type.needs_peer ? 0 : 2;
        break;
      default:
        sources += 3;
        break;
    }
    metrics += 1;
  };
  if (type.needs_peer) std::ranges::for_each(standard_metrics(), add);
  std::ranges::for_each(type.metrics, add);
  return metrics == 0 ? 3 : sources / metrics;
}

/// Series files and their copies.
double file_octets(Duration step, const Cost& cost, const ProbeType& type, double strands) {
  const Tier own = own_tier(step);
  double coarse_rows = 0;
  for (const Tier& tier : coarse_tiers_of(step)) coarse_rows += static_cast<double>(tier.kept / tier.step);
  const double own_rows = static_cast<double>(own.kept / own.step);
  constexpr double kHead = 2000;  // octets a source has in the heads of its files
  const double values =
      cost.series * (own_rows + coarse_sources(type) * coarse_rows) + strands * (4 * own_rows + 5 * coarse_rows);
  return 2 * (8 * values + kHead * (cost.series + 9 * strands));
}

double histogram_total(Duration step, double strands) {
  double octets = 0;
  for (const Tier& tier : histogram_tiers(step))
    octets += static_cast<double>(histogram_rows(tier)) * static_cast<double>(histogram_octets(tier.step) + 80);
  return octets * strands;
}

double days(Duration d) { return to_seconds(d) / 86400; }

}  // namespace

DiskBudget disk_budget(const TestSpec& spec, const Cost& cost, const ProbeType& type) {
  // What is planned again and again falls on whole steps, one value a step; only single runs stay rows for long.
  const bool grid = spec.schedule.kind == Schedule::Kind::every || spec.schedule.kind == Schedule::Kind::continuous;
  const bool aligned = grid && type.footprint == Footprint::light && spec.schedule.period % 1s == 0s;
  const Duration step = aligned ? spec.schedule.period : Duration::zero();
  const double directions = type.two_directions ? 2 : 1;
  const double strands = type.needs_peer ? directions : std::max(1.0, std::ceil(cost.series / 3.0));
  const bool histograms = type.needs_peer && cost.packet_records_per_day > 0;
  const double histogram = histograms ? directions * static_cast<double>(histogram_octets(1min)) : 0;
  const double row = kResultOctets + kStatisticOctets * cost.series + histogram;

  // Rows of a continuous test go once their files are copied: a day later than their 48 h at most.
  double rows = cost.results_per_day * days(step > 0s ? keep::kAlignedRows + 24h : keep::kEvents) * row;
  if (step > 0s) rows += static_cast<double>(keep::kIrregularRows) * (row + keep::kFailedLogOctets);
  const double logs = step > 0s ? 0 : cost.results_per_day * days(keep::kFailedLog) * keep::kFailedLogOctets;
  const double raw = cost.packet_records_per_day * kPacketOctets;
  double octets = kPages * (rows + logs + 2 * raw);
  if (histograms) octets += kPages * histogram_total(step, directions);
  if (step > 0s) octets += file_octets(step, cost, type, strands);
  return {static_cast<std::uint64_t>(octets), static_cast<std::uint64_t>(kPages * raw)};
}

}  // namespace sonde
