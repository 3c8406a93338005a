#include "probes/amp/error_estimate.h"

namespace sonde::amp {
namespace {

constexpr std::uint64_t kNanoseconds = 1'000'000'000;
constexpr Duration kWorthRepeating = std::chrono::hours{1};

}  // namespace

ErrorEstimate to_error_estimate(const ClockQuality& clock) {
  if (!clock.synchronised || !clock.believed || !clock.bound || *clock.bound >= kWorthRepeating) return kUnknownError;
  const auto ns = static_cast<std::uint64_t>(std::max<Duration::rep>(clock.bound->count(), 0));
  // Rounded up, as a bound must be: to units of 2^-32 s, then once more for the bits that the scale cuts off.
  std::uint64_t units = (ns / kNanoseconds << 32) + ((ns % kNanoseconds << 32) + kNanoseconds - 1) / kNanoseconds;
  int scale = 0;
  while (units > 0xff) {
    units = (units + 1) / 2;
    ++scale;
  }
  const auto multiplier = static_cast<std::uint16_t>(units == 0 ? 1 : units);
  return {static_cast<std::uint16_t>(0x8000 | scale << 8 | multiplier)};
}

std::optional<Duration> error_bound(ErrorEstimate estimate) {
  if (!estimate.synchronised() || !estimate.legal()) return std::nullopt;
  // 2^44 units are 4096 s: whatever has a greater scale than 44 is past the hour.
  if (estimate.scale() > 44) return std::nullopt;
  const std::uint64_t units = std::uint64_t{estimate.multiplier()} << estimate.scale();
  const std::uint64_t seconds = units >> 32;
  if (seconds >= 3600) return std::nullopt;
  const std::uint64_t fraction = (units & UINT32_MAX) * kNanoseconds;
  return std::chrono::seconds{seconds} + Duration{static_cast<std::int64_t>((fraction + UINT32_MAX) >> 32)};
}

}  // namespace sonde::amp
