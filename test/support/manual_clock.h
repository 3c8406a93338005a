#pragma once

#include "core/base/clock.h"

namespace sonde::test {

/// Time that moves only when told: UTC and steady go together until step().
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UtcTime begin = utc_from_seconds(1'800'000'000)) : utc_(begin) {}
  SteadyTime steady_now() const override { return steady_; }
  UtcTime utc_now() const override { return utc_; }
  Anchor anchor() const override { return {steady_, utc_, epoch_}; }
  ClockQuality quality() const override { return quality_; }
  void advance(Duration d) {
    steady_ += d;
    utc_ += d;
  }
  void step(Duration d) {
    utc_ += d;
    ++epoch_;
  }
  void set_quality(ClockQuality quality) { quality_ = std::move(quality); }

 private:
  SteadyTime steady_{std::chrono::hours{1}};
  UtcTime utc_;
  std::uint64_t epoch_ = 0;
  ClockQuality quality_;
};

}  // namespace sonde::test
