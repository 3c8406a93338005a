#include "probes/owamp/round.h"

#include <algorithm>
#include <cmath>

namespace sonde::owamp {

UtcTime Round::last_due() const {
  UtcTime last = begin;
  if (forward && forward->sender && forward->sender->packets() > 0)
    last = std::max(last, forward->plan.due[forward->sender->packets() - 1]);
  if (reverse) last = std::max(last, reverse->plan.last_due());
  return last;
}

std::uint32_t enough_packets(const Slot& slot, Duration length) {
  const double mean = to_seconds(length) / (static_cast<double>(slot.length) * 0x1p-32);
  // A hair less, so that an interval that divides the length evenly does not give one more.
  if (slot.kind == Slot::Kind::fixed) return static_cast<std::uint32_t>(std::ceil(mean - 1e-6));
  return static_cast<std::uint32_t>(std::ceil(mean + 6 * std::sqrt(mean) + 10));
}

}  // namespace sonde::owamp
