#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/statistics/delay.h"
#include "core/statistics/first_copy.h"

namespace sonde {

/// RFC 3393: delay of a packet less that of the packet sent right before it, nanoseconds, signed, in sending order.
/// Both must have arrived. A packet sent late is left out, and with it the pair before and the pair after it.
std::vector<std::int64_t> ipdv(std::span<const SentPacket> packets);

/// RFC 5481 PDV: a percentile of D − min D over ascending delays of one Result.
std::optional<Estimate> pdv_percentile(std::span<const std::int64_t> sorted_delays_ns, int percent);

/// P95 − P50 of ascending delays. The interval holds with 95 %: each end takes half of what may lie outside.
std::optional<Estimate> pdv_spread(std::span<const std::int64_t> sorted_delays_ns);

}  // namespace sonde
