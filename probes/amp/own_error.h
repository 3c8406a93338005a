#pragma once

#include "core/base/clock.h"
#include "probes/amp/error_estimate.h"

namespace sonde::amp {

/// This node's error estimate for stamps taken now. Asks the clock at most once a second: packets are more frequent
/// than news about it. Used by one loop; the clock outlives it.
class OwnError {
 public:
  explicit OwnError(const Clock& clock) : clock_(clock) {}
  ErrorEstimate at(SteadyTime now) {
    if (now < next_) return estimate_;
    next_ = now + std::chrono::seconds{1};
    return estimate_ = to_error_estimate(clock_.quality());
  }

 private:
  const Clock& clock_;
  SteadyTime next_ = SteadyTime::min();
  ErrorEstimate estimate_ = kUnknownError;
};

}  // namespace sonde::amp
