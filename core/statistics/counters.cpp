#include "core/statistics/counters.h"

namespace sonde {

std::optional<double> counter_rate(const CounterReading& before, const CounterReading& after) {
  if (after.life != before.life || after.value < before.value || after.at <= before.at) return std::nullopt;
  return static_cast<double>(after.value - before.value) / to_seconds(after.at - before.at);
}

}  // namespace sonde
