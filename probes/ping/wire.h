#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/bytes.h"
#include "core/net/address.h"

namespace sonde::ping {

// ICMP echo (RFC 792, RFC 4443 §4): request and reply differ in the type alone.
//    0 type (v4: 8 request, 0 reply; v6: 128, 129) | 1 code 0 | 2 checksum (2, the socket's) | 4 identifier (2)
//    6 sequence (2) | 8 cookie (8): tells our packets from strangers' | 16 run's own sequence (4) | 20 padding
inline constexpr std::size_t kHeaderOctets = 8;   ///< not counted in the probe's size
inline constexpr std::size_t kLeastPayload = 12;  ///< cookie and sequence

struct Echo {
  std::uint16_t identifier = 0;
  std::uint64_t cookie = 0;
  std::uint32_t sequence = 0;
  friend bool operator==(const Echo&, const Echo&) = default;
};

/// A request with `payload_octets` (>= kLeastPayload) after the ICMP header; checksum zero.
Bytes encode_request(Family family, const Echo& echo, std::size_t payload_octets);
/// Empty when it is no echo reply of ours.
std::optional<Echo> decode_reply(Family family, std::span<const std::byte> message);
/// What we sent, as an ICMP error brings it back; may be cut after the first 8 octets of the echo, then cookie is 0.
std::optional<Echo> decode_request(Family family, std::span<const std::byte> message);

}  // namespace sonde::ping
