#pragma once

#include <compare>
#include <cstdint>

#include "core/base/time.h"

namespace sonde::amp {

/// A time as OWAMP, TWAMP and STAMP write it (RFC 1305, RFC 4656 §4.1.2): 32 bits of seconds since 1900 and 32 bits of
/// fraction. Wraps every 2^32 s, so two of them are only compared through UtcTime. 0 = no time (a lost packet).
struct NtpTime {
  std::uint64_t bits = 0;
  friend bool operator==(const NtpTime&, const NtpTime&) = default;
};

/// A length of time as 32.32 seconds, never negative.
using NtpLength = std::uint64_t;

/// To the nearest unit of 2^-32 s (0.23 ns), so that every nanosecond survives the way there and back.
NtpTime to_ntp(UtcTime t);
/// To the nearest nanosecond, in the era that lies within 2^31 s of `near`.
UtcTime to_utc(NtpTime t, UtcTime near);

/// To the nearest unit; negative lengths become zero, those of 2^32 s and more the longest there is.
NtpLength to_ntp_length(Duration d);
/// To the nearest nanosecond.
Duration to_duration(NtpLength length);

inline NtpTime operator+(NtpTime t, NtpLength length) { return {t.bits + length}; }

}  // namespace sonde::amp
