#include "core/statistics/statistic_list.h"

#include "core/statistics/loss.h"

namespace sonde {
namespace {

double seconds(double ns) { return ns / 1e9; }
double seconds(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }

Interval around(double value, double off) { return {value - off, value + off}; }

Interval interval_of(const Estimate& estimate, Duration bound) {
  Interval interval;
  if (estimate.low_ns) interval.low = seconds(*estimate.low_ns) - to_seconds(bound);
  if (estimate.high_ns) interval.high = seconds(*estimate.high_ns) + to_seconds(bound);
  return interval;
}

}  // namespace

std::string too_few(std::uint64_t n, std::string_view what) {
  std::string text = n == 0 ? "no " : "only " + std::to_string(n) + ' ';
  return text += what;
}

void StatisticList::add(const Metric& metric, std::optional<double> v, Interval interval, Basis basis,
                        std::string why) {
  list_.push_back({&metric, direction_, {}, v, interval, basis, std::move(why)});
}

void StatisticList::undefined(const Metric& metric, std::string why) {
  add(metric, std::nullopt, {}, Basis::none, std::move(why));
}

void StatisticList::count(const Metric& metric, std::uint64_t n) {
  add(metric, static_cast<double>(n), {}, Basis::exact_count);
}

void StatisticList::value(const Metric& metric, double v) { add(metric, v, {}, Basis::none); }

void StatisticList::ratio(const Metric& metric, std::uint64_t events, std::uint64_t trials, std::string_view of) {
  if (trials == 0) return undefined(metric, too_few(0, of));
  add(metric, static_cast<double>(events) / static_cast<double>(trials), wilson(events, trials), Basis::sampling);
}

void StatisticList::delay(const Metric& metric, const std::optional<Estimate>& estimate, std::string why) {
  if (!estimate) return undefined(metric, std::move(why));
  if (!clock_.bound) return value(metric, seconds(estimate->value_ns));
  add(metric, seconds(estimate->value_ns), interval_of(*estimate, *clock_.bound), sampling());
}

void StatisticList::variation(const Metric& metric, const std::optional<Estimate>& estimate, std::string why) {
  if (!estimate) return undefined(metric, std::move(why));
  add(metric, seconds(estimate->value_ns), interval_of(*estimate, Duration::zero()), Basis::sampling);
}

void StatisticList::extreme(const Metric& metric, std::int64_t ns) {
  if (clock_.one_clock || !clock_.bound) return value(metric, seconds(ns));
  add(metric, seconds(ns), around(seconds(ns), to_seconds(*clock_.bound)), Basis::clock_bound);
}

void StatisticList::average_delay(const Metric& metric, const std::optional<Mean>& mean, std::string why) {
  if (!mean) return undefined(metric, std::move(why));
  const double v = seconds(mean->value_ns);
  if (!mean->half_width_ns || !clock_.bound) return value(metric, v);
  add(metric, v, around(v, seconds(*mean->half_width_ns) + to_seconds(*clock_.bound)), sampling());
}

void StatisticList::average_variation(const Metric& metric, const std::optional<Mean>& mean, std::string why) {
  if (!mean) return undefined(metric, std::move(why));
  const double v = seconds(mean->value_ns);
  if (!mean->half_width_ns) return value(metric, v);
  add(metric, v, around(v, seconds(*mean->half_width_ns)), Basis::sampling);
}

}  // namespace sonde
