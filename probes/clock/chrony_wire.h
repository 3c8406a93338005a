#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/bytes.h"
#include "core/base/time.h"

namespace sonde::clock {

// chrony's command protocol, version 6, over UDP 323 on loopback; only "tracking" is asked.
//
//   request (104 octets, padded so that no reply is larger than its request)
//    0 version=6 | 1 type=1 | 2 0 | 3 0 | 4 command=33 (2) | 6 attempt (2) | 8 sequence (4) | 12 zeros ...
//   reply (104 octets)
//    0 version=6 | 1 type=2 | 2 0 | 3 0 | 4 command (2) | 6 reply=5 (2) | 8 status=0 (2) | 10 zeros (6) | 16 sequence
//    (4)
//   20 zeros (8) | 28 reference id (4) | 32 address (16), family (2), 0 (2) | 52 stratum (2) | 54 leap (2)
//   56 reference time (12) | 68 correction | 72 last offset | 76 rms offset | 80 frequency ppm | 84 residual | 88 skew
//   92 root delay | 96 root dispersion | 100 update interval        (each a 32-bit float of chrony's own)
inline constexpr std::uint16_t kChronyPort = 323;
inline constexpr std::size_t kTrackingOctets = 104;

/// What chronyd says about the system clock.
struct Tracking {
  std::uint32_t reference_id = 0;
  std::uint16_t stratum = 0;
  bool synchronised = false;
  double offset_s = 0;  ///< own clock − UTC: positive = fast
  double frequency_ppm = 0;
  double skew_ppm = 0;
  double root_delay_s = 0;
  double root_dispersion_s = 0;
};

Bytes encode_tracking_request(std::uint32_t sequence);
/// Empty when it is no tracking reply with this sequence number.
std::optional<Tracking> decode_tracking_reply(std::span<const std::byte> data, std::uint32_t sequence);
/// chrony's float: 7 bits of exponent, 25 of coefficient, both signed.
double decode_chrony_float(std::uint32_t bits);

}  // namespace sonde::clock
