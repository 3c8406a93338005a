#include "probes/amp/ntp_time.h"

namespace sonde::amp {
namespace {

constexpr std::int64_t kSecondsFrom1900To1970 = 2'208'988'800;
constexpr std::uint64_t kNanoseconds = 1'000'000'000;

/// Less than 2^32 for every part of a second: 999,999,999 ns is 4.3 units short of a whole one.
std::uint64_t fraction_of(std::uint64_t nanoseconds) { return ((nanoseconds << 32) + kNanoseconds / 2) / kNanoseconds; }

/// May be a whole second: the last two units of a fraction are nearer to it than to 999,999,999 ns.
std::int64_t nanoseconds_of(std::uint64_t fraction) {
  return static_cast<std::int64_t>((fraction * kNanoseconds + (std::uint64_t{1} << 31)) >> 32);
}

}  // namespace

NtpTime to_ntp(UtcTime t) {
  const std::int64_t seconds = utc_seconds(t);
  const auto rest = static_cast<std::uint64_t>((t - utc_from_seconds(seconds)).count());
  return {static_cast<std::uint64_t>(seconds + kSecondsFrom1900To1970) << 32 | fraction_of(rest)};
}

UtcTime to_utc(NtpTime t, UtcTime near) {
  const std::int64_t near_seconds = utc_seconds(near) + kSecondsFrom1900To1970;
  const auto distance =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(t.bits >> 32) - static_cast<std::uint32_t>(near_seconds));
  const std::int64_t seconds = near_seconds + distance - kSecondsFrom1900To1970;
  return utc_from_seconds(seconds) + Duration{nanoseconds_of(t.bits & UINT32_MAX)};
}

NtpLength to_ntp_length(Duration d) {
  if (d <= Duration::zero()) return 0;
  const auto ns = static_cast<std::uint64_t>(d.count());
  if (ns / kNanoseconds > UINT32_MAX) return UINT64_MAX;
  return (ns / kNanoseconds << 32) + fraction_of(ns % kNanoseconds);
}

Duration to_duration(NtpLength length) {
  return std::chrono::seconds{length >> 32} + Duration{nanoseconds_of(length & UINT32_MAX)};
}

}  // namespace sonde::amp
