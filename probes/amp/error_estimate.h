#pragma once

#include <cstdint>
#include <optional>

#include "core/base/clock.h"

namespace sonde::amp {

/// The 16 bits that follow a time stamp (RFC 4656 §4.1.2):
///
///    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
///   |S|Z|   Scale   |   Multiplier  |      error = Multiplier * 2^Scale * 2^-32 s
///
/// S = the clock is synchronised to UTC. Z = the stamp is PTP's (RFC 8186); zero here, ignored on receipt.
struct ErrorEstimate {
  std::uint16_t bits = 0;
  bool synchronised() const { return (bits & 0x8000) != 0; }
  int scale() const { return bits >> 8 & 0x3f; }
  std::uint8_t multiplier() const { return static_cast<std::uint8_t>(bits); }
  /// A multiplier of zero is not allowed: such a packet is dropped.
  bool legal() const { return multiplier() != 0; }
  friend bool operator==(const ErrorEstimate&, const ErrorEstimate&) = default;
};

/// What a clock that nobody vouches for says: S = 0 and the least error there is. It means "do not believe".
inline constexpr ErrorEstimate kUnknownError{0x0001};

/// The smallest estimate that is not below the clock's bound; kUnknownError where the clock is not synchronised, has no
/// bound or is not believed.
ErrorEstimate to_error_estimate(const ClockQuality& clock);

/// The bound that a peer's clock claims, rounded up to whole nanoseconds. Empty = unknown: S is 0, the multiplier is
/// illegal, or the error is an hour or more, which is no claim worth repeating.
std::optional<Duration> error_bound(ErrorEstimate estimate);

}  // namespace sonde::amp
