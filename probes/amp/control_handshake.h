#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/bytes.h"
#include "probes/amp/ntp_time.h"

/// How an OWAMP-Control or TWAMP-Control connection is set up (RFC 4656 §3.1). All fields big-endian.
///
///   Server-Greeting, 64 octets      Set-Up-Response, 164 octets      Server-Start, 48 octets
///    0 unused                        0 Mode                           0 MBZ
///   12 Modes                         4 KeyID (80)                    15 Accept
///   16 Challenge (16)               84 Token (64)                    16 Server-IV (16)
///   32 Salt (16)                   148 Client-IV (16)                32 Start-Time
///   48 Count                                                         40 MBZ (8)
///   52 MBZ (12)
namespace sonde::amp {

/// Bits of Modes. Only open is spoken so far; a later mode fills KeyID, Token and the two IVs.
inline constexpr std::uint32_t kModeOpen = 1, kModeAuthenticated = 2, kModeEncrypted = 4;

/// What a server says to a request, in one octet (RFC 4656 §3.3). Other values end the connection.
enum class Accept : std::uint8_t {
  ok = 0,
  rejected = 1,  ///< no reason given
  internal_error = 2,
  unsupported = 3,
  permanent_limit = 4,  ///< asks for more than this server ever gives
  temporary_limit = 5,  ///< may succeed later
};
std::optional<Accept> accept_from(std::uint8_t octet);
/// For a person: what the answer means and what to do.
std::string_view meaning(Accept accept);

struct Greeting {
  static constexpr std::size_t kSize = 64;
  std::uint32_t modes = 0;  ///< 0 = the server does not want to talk
  friend bool operator==(const Greeting&, const Greeting&) = default;
};

struct SetUpResponse {
  static constexpr std::size_t kSize = 164;
  std::uint32_t mode = 0;
  friend bool operator==(const SetUpResponse&, const SetUpResponse&) = default;
};

struct ServerStart {
  static constexpr std::size_t kSize = 48;
  Accept accept = Accept::ok;
  NtpTime start_time;  ///< when the server started
  friend bool operator==(const ServerStart&, const ServerStart&) = default;
};

Bytes encode(const Greeting& greeting);
Bytes encode(const SetUpResponse& response);
Bytes encode(const ServerStart& start);

/// Each takes exactly its kSize octets; anything else, and values that the RFC forbids, give none.
std::optional<Greeting> decode_greeting(std::span<const std::byte> data);
std::optional<SetUpResponse> decode_set_up_response(std::span<const std::byte> data);
std::optional<ServerStart> decode_server_start(std::span<const std::byte> data);

}  // namespace sonde::amp
