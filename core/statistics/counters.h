#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.h"

namespace sonde {

/// One reading of an ever-growing 64-bit counter.
struct CounterReading {
  std::uint64_t value = 0;
  SteadyTime at{};         ///< when it was read
  std::uint64_t life = 0;  ///< anything that changes when the counter begins anew: boot time, discontinuity time
};

/// Growth per second between two readings. Undefined, never negative and never guessed, when the counter went back
/// (wrapped or was reset), began a new life, or no time passed.
std::optional<double> counter_rate(const CounterReading& before, const CounterReading& after);

}  // namespace sonde
