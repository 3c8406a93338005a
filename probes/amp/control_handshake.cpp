#include "probes/amp/control_handshake.h"

namespace sonde::amp {

std::optional<Accept> accept_from(std::uint8_t octet) {
  if (octet > static_cast<std::uint8_t>(Accept::temporary_limit)) return std::nullopt;
  return static_cast<Accept>(octet);
}

std::string_view meaning(Accept accept) {
  switch (accept) {
    case Accept::ok:
      return "accepted";
    case Accept::rejected:
      return "rejected without a reason (Accept 1): its rules do not allow this node, or it does not believe the "
             "addresses; ask its operator to allow this node";
    case Accept::internal_error:
      return "an error inside the peer (Accept 2): try later, and tell its operator if it stays";
    case Accept::unsupported:
      return "the peer does not know what was asked for (Accept 3): try other options";
    case Accept::permanent_limit:
      return "more than the peer ever gives (Accept 4): ask for fewer packets a second or a shorter session";
    case Accept::temporary_limit:
      return "the peer is full now (Accept 5): it may succeed later";
  }
  return "";
}

Bytes encode(const Greeting& greeting) {
  // Without a key mode nobody reads Challenge and Salt; Count has the least value the RFC allows, for strict clients.
  return ByteWriter{}.zeros(12).u32(greeting.modes).zeros(32).u32(1024).zeros(12).take();
}

Bytes encode(const SetUpResponse& response) { return ByteWriter{}.u32(response.mode).zeros(160).take(); }

Bytes encode(const ServerStart& start) {
  return ByteWriter{}
      .zeros(15)
      .u8(static_cast<std::uint8_t>(start.accept))
      .zeros(16)
      .u64(start.start_time.bits)
      .zeros(8)
      .take();
}

std::optional<Greeting> decode_greeting(std::span<const std::byte> data) {
  if (data.size() != Greeting::kSize) return std::nullopt;
  ByteReader in(data);
  in.skip(12);
  return Greeting{in.u32()};
}

std::optional<SetUpResponse> decode_set_up_response(std::span<const std::byte> data) {
  if (data.size() != SetUpResponse::kSize) return std::nullopt;
  return SetUpResponse{ByteReader(data).u32()};
}

std::optional<ServerStart> decode_server_start(std::span<const std::byte> data) {
  if (data.size() != ServerStart::kSize) return std::nullopt;
  ByteReader in(data);
  in.skip(15);
  const auto accept = accept_from(in.u8());
  if (!accept) return std::nullopt;
  in.skip(16);
  return ServerStart{*accept, NtpTime{in.u64()}};
}

}  // namespace sonde::amp
