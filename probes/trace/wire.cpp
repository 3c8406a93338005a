#include "probes/trace/wire.h"

namespace sonde::trace {
namespace {

constexpr std::uint8_t kMark = 0x5d;
constexpr std::size_t kEchoHeader = 8, kBalanceAt = kEchoHeader + 8;

std::uint8_t request_type(Family family) { return family == Family::v4 ? 8 : 128; }
std::uint8_t reply_type(Family family) { return family == Family::v4 ? 0 : 129; }

bool possible(const Probe& probe) {
  return probe.hop >= 1 && probe.hop <= kMostHops && probe.flow < kFlows && probe.round < kRounds;
}

std::uint16_t sequence_of(const Probe& probe) {
  return static_cast<std::uint16_t>(probe.hop << 8 | probe.round << 4 | probe.flow);
}

std::uint32_t folded(std::uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

/// The sum of RFC 1071 over an even number of octets.
std::uint32_t sum_of(std::span<const std::byte> data) {
  ByteReader in(data);
  std::uint32_t sum = 0;
  while (in.left() >= 2) sum += in.u16();
  return folded(sum);
}

std::optional<Probe> decode_echo(std::span<const std::byte> message, std::uint8_t type, bool may_be_cut) {
  ByteReader in(message);
  if (in.u8() != type || in.u8() != 0) return std::nullopt;
  in.skip(4);
  const std::uint16_t sequence = in.u16();
  if (!in.ok()) return std::nullopt;
  if (may_be_cut && in.left() < kPayload) {
    const Probe probe{0, static_cast<std::uint8_t>(sequence >> 8), static_cast<std::uint8_t>(sequence & 15),
                      static_cast<std::uint8_t>(sequence >> 4 & 15)};
    return possible(probe) ? std::optional(probe) : std::nullopt;
  }
  if (in.left() < kPayload) return std::nullopt;
  const auto probe = decode_payload(message.subspan(kEchoHeader));
  return probe && sequence_of(*probe) == sequence ? probe : std::nullopt;
}

}  // namespace

Bytes encode_payload(const Probe& probe) {
  ByteWriter out;
  out.u32(probe.cookie).u8(probe.hop).u8(probe.flow).u8(probe.round).u8(kMark).zeros(4);
  return out.take();
}

Bytes encode_echo(Family family, const Probe& probe, std::uint16_t identifier, std::uint16_t checksum) {
  ByteWriter out;
  out.u8(request_type(family)).u8(0).u16(0).u16(identifier).u16(sequence_of(probe)).bytes(encode_payload(probe));
  Bytes message = out.take();
  // In one's complement, what is missing to the wanted sum is that sum plus the complement of what is there.
  const std::uint32_t wanted = 0xffffU - checksum;
  const std::uint32_t balance = folded(wanted + (0xffffU - sum_of(message)));
  message[kBalanceAt] = static_cast<std::byte>(balance >> 8);
  message[kBalanceAt + 1] = static_cast<std::byte>(balance);
  return message;
}

std::optional<Probe> decode_payload(std::span<const std::byte> payload) {
  ByteReader in(payload);
  Probe probe;
  probe.cookie = in.u32();
  probe.hop = in.u8();
  probe.flow = in.u8();
  probe.round = in.u8();
  if (in.u8() != kMark || !in.ok() || !possible(probe)) return std::nullopt;
  return probe;
}

std::optional<Probe> decode_request(Family family, std::span<const std::byte> message) {
  return decode_echo(message, request_type(family), true);
}

std::optional<Probe> decode_reply(Family family, std::span<const std::byte> message) {
  return decode_echo(message, reply_type(family), false);
}

}  // namespace sonde::trace
