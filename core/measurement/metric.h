#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sonde {

/// How values of a metric may be stored and combined.
enum class MetricKind : std::uint8_t {
  gauge,    ///< a value of its own; never averaged when it is a percentile
  count,    ///< how many in the interval; sums
  counter,  ///< ever-growing; stored as its rate
  ratio,    ///< kept as count and sum, divided on reading
};

enum class Unit : std::uint8_t {
  none,
  seconds,
  share,
  packets,
  octets,
  bits_per_second,
  octets_per_second,
  packets_per_second,
  hops,
  parts_per_million
};
/// "s", "%", "packets", "bit/s", ...; empty for none. A share is stored from 0 to 1 and shown as a percentage.
std::string_view symbol(Unit unit);

/// One entry of the catalogue. Archive, API, graphs, exports and help follow from it. Lives for ever (static).
struct Metric {
  std::string_view key;    ///< "delay.p50": stable, in the API and in series names; [a-z0-9._]
  std::string_view title;  ///< "median one-way delay"
  Unit unit = Unit::none;
  MetricKind kind = MetricKind::gauge;
  std::string_view definition;  ///< "RFC 7679 §5.1", with a deviation if there is one
  std::string_view help;        ///< one sentence for a person
};

/// The field's standard metrics, in a fixed order. Probes add their own (ProbeType::metrics).
std::span<const Metric> standard_metrics();
/// A standard metric by key, or null.
const Metric* find_standard_metric(std::string_view key);

/// Each names an entry of standard_metrics(), so `&metric::delay_p50` is the same address everywhere.
namespace metric {
// One-way or round-trip, by the Direction of the Statistic; seconds. delay.* : RFC 7679 or RFC 2681.
extern const Metric &delay_min, &delay_mean, &delay_p10, &delay_p25, &delay_p50, &delay_p75, &delay_p90, &delay_p95,
    &delay_p99, &delay_max;
extern const Metric &delay_p50_lost_infinite, &delay_p95_lost_infinite;  // RFC 7679 §5: lost counts as infinite
extern const Metric &ipdv_p50, &ipdv_p95, &ipdv_p99, &ipdv_abs_mean;     // RFC 3393, signed; abs_mean is of |ddT|
extern const Metric &pdv_p50, &pdv_p95, &pdv_p99, &pdv_spread;           // RFC 5481; spread = P95 - P50
extern const Metric& loss_ratio;                                         // RFC 7680, 6673 (round trip)
extern const Metric &sent, &received, &lost, &duplicates, &reordered, &dropped_here, &sent_late;
extern const Metric& duplicate_ratio;                                      // RFC 5560
extern const Metric &reordered_ratio, &reordering_extent;                  // RFC 4737
extern const Metric &n_reordering_1, &n_reordering_2, &n_reordering_3;     // RFC 4737 §5.4
extern const Metric &loss_periods, &loss_period_max, &loss_distance_mean;  // RFC 3357
extern const Metric &hops_min, &hops_max;
extern const Metric& slip_p99;  // sent after its scheduled time, own health
}  // namespace metric

}  // namespace sonde
