#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/random.h"

// What iperf3 (3.12, newer ones likewise) says over its control connection. After the cookie it is one octet a state,
// or 4 octets of length (big endian) and as many of JSON. States and JSON have no frame in common: who reads knows
// which of the two comes next.
namespace sonde::throughput {

inline constexpr std::uint16_t kWellKnownPort = 5201;
inline constexpr std::size_t kCookieOctets = 37;  ///< 36 characters and a NUL; first on control and TCP data alike
inline constexpr std::size_t kMostParameterOctets = 8192;
inline constexpr std::size_t kMostResultOctets = 16 << 20;
inline constexpr std::uint64_t kMostStreams = 128;  ///< a direction

enum class State : std::int8_t {
  test_start = 1,
  test_running = 2,
  test_end = 4,
  parameters = 9,  ///< the server wants them
  create_streams = 10,
  server_terminate = 11,
  client_terminate = 12,
  exchange_results = 13,
  display_results = 14,
  done = 16,
  access_denied = -1,
  server_error = -2,  ///< two int32 follow: iperf3's number of the error, errno
};
std::optional<State> state_from(std::byte octet);
inline std::byte octet_of(State state) { return static_cast<std::byte>(state); }

using Cookie = std::array<std::byte, kCookieOctets>;
Cookie make_cookie(Random& random);
std::string text_of(const Cookie& cookie);

/// What iperf3 calls its errors, as far as we send them.
enum class Trouble : std::int32_t {
  duration = 5,
  streams = 6,
  block_size = 7,
  end_conditions = 16,
  total_rate = 27,
  bad_parameters = 114,
  bad_results = 117,
  server_duration = 160,
};
Bytes encode_server_error(Trouble trouble);
struct ServerError {
  std::int32_t number = 0, errno_value = 0;
};
std::optional<ServerError> decode_server_error(std::span<const std::byte> eight_octets);
/// iperf3's number as a phrase; numbers we do not know are told as such.
std::string meaning_of(const ServerError& error);

/// What the client asks for. Zero or empty = not asked for.
struct Parameters {
  bool udp = false;
  std::uint64_t omit_seconds = 0, seconds = 0;
  std::uint64_t octets = 0, blocks = 0;  ///< ends of a test without a time; over all streams
  std::uint64_t parallel = 1;
  std::uint64_t block_octets = 0;
  bool reverse = false, both_ways = false;
  std::uint64_t segment_octets = 0, window_octets = 0;
  bool no_delay = false;
  std::uint64_t rate_bps = 0;  ///< of each stream
  std::uint64_t traffic_class = 0;
  std::string congestion;
  bool wide_counters = false;        ///< UDP sequence numbers of 64 bits
  bool wants_server_output = false;  ///< the server's text in its results
  std::string client_version;
  friend bool operator==(const Parameters&, const Parameters&) = default;
};
std::string encode(const Parameters& parameters);
/// Empty when it is not what an iperf3 client sends: not JSON, a wrong type, a number below zero. Its values may still
/// be absurd: limits are the server's.
std::optional<Parameters> decode_parameters(std::string_view json);

/// One stream as one end saw it; omitted time is not in it.
struct StreamResult {
  int id = 0;
  std::uint64_t octets = 0;
  std::optional<std::uint64_t> retransmits;  ///< of a TCP sender that can tell
  double jitter_seconds = 0;
  std::int64_t lost = 0;
  std::uint64_t packets = 0;
  double begin_seconds = 0, end_seconds = 0;
  std::optional<std::uint64_t> dropped_here;  ///< ours alone: UDP that the receiver's own socket dropped
  friend bool operator==(const StreamResult&, const StreamResult&) = default;
};

struct EndResults {
  double cpu_total = 0, cpu_user = 0, cpu_system = 0;  ///< percent of one core
  bool sends = false;                                  ///< some stream of it was sent by this end
  bool counts_retransmits = false;
  std::string congestion;
  std::string output;  ///< the server's text, if it was asked for
  std::vector<StreamResult> streams;
  friend bool operator==(const EndResults&, const EndResults&) = default;
};
std::string encode(const EndResults& results);
std::optional<EndResults> decode_results(std::string_view json);

/// JSON with its length before it.
Bytes frame_json(std::string_view json);

/// Identity of a stream, in the order of opening: 1, 3, 4, 5, ... Both ends count alike; 2 was never used.
constexpr int stream_id(std::size_t index) { return index == 0 ? 1 : static_cast<int>(index) + 2; }

/// Header of a UDP datagram: seconds and microseconds of the sender's steady clock, then the number from 1.
struct DatagramHeader {
  std::uint32_t seconds = 0, microseconds = 0;
  std::uint64_t sequence = 0;
};
constexpr std::size_t header_octets(bool wide_counters) { return wide_counters ? 16 : 12; }
void encode(const DatagramHeader& header, bool wide_counters, std::byte* out);
/// `data` holds at least header_octets().
DatagramHeader decode_datagram(std::span<const std::byte> data, bool wide_counters);

/// The four octets that open a UDP stream, and the answer. Both are numbers in host order on a little-endian host.
inline constexpr std::array<std::byte, 4> kUdpHello{std::byte{0x39}, std::byte{0x38}, std::byte{0x37}, std::byte{0x36}};
inline constexpr std::array<std::byte, 4> kUdpAnswer{std::byte{0x36}, std::byte{0x37}, std::byte{0x38},
                                                     std::byte{0x39}};
inline constexpr std::array<std::byte, 4> kOldUdpHello{std::byte{0x15}, std::byte{0xcd}, std::byte{0x5b},
                                                       std::byte{0x07}};
inline constexpr std::array<std::byte, 4> kOldUdpAnswer{std::byte{0xb1}, std::byte{0x68}, std::byte{0xde},
                                                        std::byte{0x3a}};

}  // namespace sonde::throughput
