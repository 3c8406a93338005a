#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "core/base/random.h"
#include "core/statistics/baseline.h"

namespace sonde::test {

/// What a path does when nothing is wrong with it: a daily and weekly rhythm that no two days repeat, noise that lasts
/// for some Results, and now and then a short burst.
struct NormalPath {
  double delay = 13e-3;            ///< seconds, at night
  double rush = 0.6e-3;            ///< more of it at the busiest hour
  double noise = 0.05e-3;          ///< standard deviation of a Result's median
  double memory = 0.7;             ///< of the noise, from one Result to the next
  double bursts_per_day = 3;       ///< each one Result, up to 30 ms
  double loss = 1e-4;              ///< share, single packets
  double loss_bursts_per_day = 0;  ///< each one Result with 2 % loss
  std::uint64_t packets = 600;     ///< in a Result
  double rate = 940e6;             ///< throughput, bit/s
};

class GeneratedYear {
 public:
  GeneratedYear(NormalPath path, Duration step, std::uint64_t seed)
      : path_(path), step_(step), random_(seeded_random(seed)) {}

  /// `days` of Results from kFirst on, one each step.
  std::vector<BaselineSample> days(int days) {
    std::vector<BaselineSample> samples;
    const auto n = std::chrono::hours{24} * days / step_;
    samples.reserve(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) samples.push_back(next(kFirst + (i + 1) * step_));
    return samples;
  }
  static constexpr UtcTime kFirst = utc_from_seconds(1'767'571'200);  // a Monday's midnight

 private:
  double gauss() {
    return std::sqrt(-2 * std::log(1 - random_->unit())) * std::cos(2 * std::numbers::pi * random_->unit());
  }
  bool chance(double per_day) { return random_->unit() < per_day * to_seconds(step_) / 86400; }

  std::uint64_t poisson(double mean) {
    std::uint64_t n = 0;
    for (double left = std::exp(-mean), product = random_->unit(); product > left; product *= random_->unit()) ++n;
    return n;
  }

  /// 0 at night to 1 at the busiest hour, half of it at weekends, each day somewhat different.
  double load(UtcTime time) {
    const double day = to_seconds(time - kFirst) / 86400, hour = (day - std::floor(day)) * 24;
    if (std::floor(day) != today_) {
      today_ = std::floor(day);
      busy_ = std::exp(0.15 * gauss()) * (static_cast<int>(today_) % 7 >= 5 ? 0.5 : 1);
    }
    return hour < 7 || hour > 22 ? 0 : busy_ * std::pow(std::sin((hour - 7) / 15 * std::numbers::pi), 2);
  }

  BaselineSample next(UtcTime time) {
    BaselineSample sample;
    const double busy = load(time);
    noise_ = path_.memory * noise_ + std::sqrt(1 - path_.memory * path_.memory) * gauss();
    sample.time = time;
    sample.value = path_.delay + path_.rush * busy + path_.noise * noise_ * (1 + busy);
    if (chance(path_.bursts_per_day)) *sample.value += 30e-3 * random_->unit();
    const bool burst = path_.loss_bursts_per_day > 0 && chance(path_.loss_bursts_per_day);
    sample.measured = path_.packets;
    sample.lost = std::min(path_.packets, poisson((burst ? 0.02 : path_.loss) * static_cast<double>(path_.packets)));
    sample.clock_bound = std::chrono::microseconds{50};
    return sample;
  }

  NormalPath path_;
  Duration step_;
  std::unique_ptr<Random> random_;
  double noise_ = 0, busy_ = 1, today_ = -1;
};

}  // namespace sonde::test
