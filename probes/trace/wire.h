#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/bytes.h"
#include "core/net/address.h"

namespace sonde::trace {

// A probe is 40 octets over IPv4 and 60 over IPv6: header, then these 12 octets as UDP payload or behind the ICMP echo
// header of 8. What load balancers look at (UDP: both ports; ICMP: type, code and checksum) is constant for a flow.
//    0 cookie of the run (4) | 4 hop limit | 5 flow | 6 round | 7 0x5d | 8 balance (2): makes the checksum of an echo
//   request what the flow wants | 10 zero (2)
// ICMP echo: identifier (2, the socket's), sequence (2) = hop limit * 256 + round * 16 + flow.
inline constexpr std::size_t kPayload = 12;
inline constexpr std::uint8_t kFlows = 3;
inline constexpr std::uint8_t kRounds = 2;
inline constexpr std::uint8_t kMostHops = 64;

/// One packet: which hop it is for, in which flow; round 1 asks a silent hop again.
struct Probe {
  std::uint32_t cookie = 0;
  std::uint8_t hop = 1, flow = 0, round = 0;
  friend bool operator==(const Probe&, const Probe&) = default;
};

Bytes encode_payload(const Probe& probe);
/// An echo request with `checksum` (0 to 0xfffe) once the socket has put its identifier in; over IPv6 the kernel adds
/// the pseudo-header, which is as constant as the addresses.
Bytes encode_echo(Family family, const Probe& probe, std::uint16_t identifier, std::uint16_t checksum);
/// As it comes back in an ICMP error or an echo reply. Empty when it is not one of ours.
std::optional<Probe> decode_payload(std::span<const std::byte> payload);
/// A request that an error quotes, perhaps cut to its header of 8 octets: then the cookie is 0.
std::optional<Probe> decode_request(Family family, std::span<const std::byte> message);
std::optional<Probe> decode_reply(Family family, std::span<const std::byte> message);

}  // namespace sonde::trace
