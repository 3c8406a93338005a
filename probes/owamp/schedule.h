#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "probes/amp/sid.h"

namespace sonde::owamp {

/// One entry of a schedule description (RFC 4656 §3.6): how long to wait before a packet.
struct Slot {
  enum class Kind : std::uint8_t { exponential = 0, fixed = 1 };
  Kind kind = Kind::exponential;
  amp::NtpLength length = 0;  ///< mean, or the delay itself
  friend bool operator==(const Slot&, const Slot&) = default;
};

/// When each of `packets` packets is due: slot i mod n gives the delay before packet i, the first counted from `start`.
/// Both ends compute the same, to the last bit. `slots` is not empty.
std::vector<amp::NtpTime> make_schedule(const amp::Sid& sid, amp::NtpTime start, std::span<const Slot> slots,
                                        std::uint32_t packets);

/// The same in UTC, to the nearest nanosecond.
std::vector<UtcTime> make_utc_schedule(const amp::Sid& sid, amp::NtpTime start, std::span<const Slot> slots,
                                       std::uint32_t packets, UtcTime near);

/// The mean delay before a packet.
double mean_interval_seconds(std::span<const Slot> slots);

}  // namespace sonde::owamp
