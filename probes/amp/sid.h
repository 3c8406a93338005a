#pragma once

#include <array>
#include <cstddef>

#include "core/base/random.h"
#include "core/net/address.h"
#include "probes/amp/ntp_time.h"

namespace sonde::amp {

/// Session identifier, made by the end that receives. It also seeds the schedule, so that both ends know every
/// packet's time. All zero = not yet made.
using Sid = std::array<std::byte, 16>;

/// RFC 4656 §3.5: 4 octets of the receiver's address (the last 4 of an IPv6 one), 8 of time, 4 at random.
Sid make_sid(const IpAddress& receiver, UtcTime now, Random& random);

}  // namespace sonde::amp
