#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/measurement/result.h"
#include "core/statistics/delay.h"

namespace sonde {

/// What both stamps of a delay may be off together.
struct ClockError {
  bool one_clock = false;         ///< nothing but stamping
  std::optional<Duration> bound;  ///< else the sum of both bounds, where both are known
};

/// Collects the statistics of one direction, each with the interval and basis that its kind has.
class StatisticList {
 public:
  StatisticList(Direction direction, ClockError clock) : direction_(direction), clock_(clock) {}

  void undefined(const Metric& metric, std::string why);
  void count(const Metric& metric, std::uint64_t n);
  void value(const Metric& metric, double v);
  /// Wilson's interval; undefined without trials ("no `of`").
  void ratio(const Metric& metric, std::uint64_t events, std::uint64_t trials, std::string_view of);
  /// A percentile of delays: the clocks widen what sampling leaves open; without bounds nothing is certain.
  void delay(const Metric& metric, const std::optional<Estimate>& estimate, std::string why);
  /// A percentile of differences of delays: an offset between the clocks cancels.
  void variation(const Metric& metric, const std::optional<Estimate>& estimate, std::string why);
  /// The least or the greatest delay of this very sample: sampling leaves nothing open, clocks do.
  void extreme(const Metric& metric, std::int64_t ns);
  void average_delay(const Metric& metric, const std::optional<Mean>& mean, std::string why);
  void average_variation(const Metric& metric, const std::optional<Mean>& mean, std::string why);

  std::vector<Statistic> take() { return std::move(list_); }

 private:
  void add(const Metric& metric, std::optional<double> v, Interval interval, Basis basis, std::string why = {});
  Basis sampling() const { return clock_.one_clock ? Basis::sampling : Basis::sampling_and_clock; }

  Direction direction_;
  ClockError clock_;
  std::vector<Statistic> list_;
};

/// "no packets arrived", "only 3 packets arrived".
std::string too_few(std::uint64_t n, std::string_view what);

}  // namespace sonde
