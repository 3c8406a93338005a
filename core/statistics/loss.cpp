#include "core/statistics/loss.h"

#include <algorithm>
#include <cmath>

namespace sonde {

Interval wilson_of_share(double share, double trials) {
  constexpr double z = 1.959963984540054, zz = z * z;
  const double middle = share + zz / (2 * trials);
  const double half = z * std::sqrt(share * (1 - share) / trials + zz / (4 * trials * trials));
  const double scale = 1 + zz / trials;
  Interval interval{(middle - half) / scale, (middle + half) / scale};
  // At the ends of the scale rounding would leave a few 1e-19 where the formula gives the end itself.
  if (share <= 0) interval.low = 0;
  if (share >= 1) interval.high = 1;
  return interval;
}

Interval wilson(std::uint64_t events, std::uint64_t trials) {
  if (trials == 0) return {};
  const auto n = static_cast<double>(trials);
  return wilson_of_share(static_cast<double>(events) / n, n);
}

LossPattern loss_pattern(std::span<const SentPacket> packets) {
  LossPattern pattern;
  std::uint64_t running = 0;
  const SentPacket *first = nullptr, *last = nullptr;
  for (const SentPacket& packet : packets) {
    if (packet.arrived()) {
      running = 0;
      continue;
    }
    if (running++ == 0) ++pattern.periods;
    pattern.longest = std::max(pattern.longest, running);
    ++pattern.lost;
    if (!first) first = &packet;
    last = &packet;
  }
  // Distances from each lost packet to the next add up to that from the first to the last.
  if (pattern.lost > 1) {
    pattern.mean_distance =
        static_cast<double>(last->sequence - first->sequence) / static_cast<double>(pattern.lost - 1);
  }
  return pattern;
}

}  // namespace sonde
