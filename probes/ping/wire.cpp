#include "probes/ping/wire.h"

namespace sonde::ping {
namespace {

std::uint8_t request_type(Family family) { return family == Family::v4 ? 8 : 128; }
std::uint8_t reply_type(Family family) { return family == Family::v4 ? 0 : 129; }

}  // namespace

Bytes encode_request(Family family, const Echo& echo, std::size_t payload_octets) {
  ByteWriter out;
  out.u8(request_type(family)).u8(0).u16(0).u16(echo.identifier).u16(static_cast<std::uint16_t>(echo.sequence));
  out.u64(echo.cookie).u32(echo.sequence);
  const std::size_t whole = kHeaderOctets + payload_octets;
  if (whole > out.size()) out.zeros(whole - out.size());
  return out.take();
}

std::optional<Echo> decode_reply(Family family, std::span<const std::byte> message) {
  ByteReader in(message);
  if (in.u8() != reply_type(family) || in.u8() != 0) return std::nullopt;
  in.skip(2);
  Echo echo;
  echo.identifier = in.u16();
  const auto low = in.u16();
  echo.cookie = in.u64();
  echo.sequence = in.u32();
  if (!in.ok() || low != static_cast<std::uint16_t>(echo.sequence)) return std::nullopt;
  return echo;
}

std::optional<Echo> decode_request(Family family, std::span<const std::byte> message) {
  ByteReader in(message);
  if (in.u8() != request_type(family) || in.u8() != 0) return std::nullopt;
  in.skip(2);
  Echo echo;
  echo.identifier = in.u16();
  echo.sequence = in.u16();
  if (!in.ok()) return std::nullopt;
  if (in.left() >= kLeastPayload) {
    echo.cookie = in.u64();
    echo.sequence = in.u32();
  }
  return echo;
}

}  // namespace sonde::ping
