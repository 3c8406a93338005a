#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/random.h"
#include "probes/amp/control_handshake.h"
#include "probes/amp/error_estimate.h"
#include "probes/amp/sid.h"
#include "probes/owamp/schedule.h"

/// OWAMP on the wire (RFC 4656), open mode. All fields big-endian; MBZ is sent as zero and not looked at on receipt.
///
///   OWAMP-Test, 14 octets and padding (§4.1.2)
///    0 Sequence Number (4) | 4 Timestamp (8) | 12 Error Estimate (2) | 14 Packet Padding
///
///   Request-Session, 112 octets (§3.5)                 then per slot, 16 octets
///     0 1 | 1 MBZ:4 IPVN:4 | 2 Conf-Sender               0 Slot Type (0 exponential, 1 fixed) | 1 MBZ (7)
///     3 Conf-Receiver | 4 Number of Slots                8 Slot Parameter (8)
///     8 Number of Packets | 12 Sender Port             then HMAC (16)
///    14 Receiver Port | 16 Sender Address (16)
///    32 Receiver Address (16) | 48 SID (16)
///    64 Padding Length | 68 Start Time (8) | 76 Timeout (8) | 84 Type-P (4) | 88 MBZ (8) | 96 HMAC (16)
///
///   Accept-Session, 48:   0 Accept | 1 MBZ | 2 Port | 4 SID (16) | 20 MBZ (12) | 32 HMAC (16)
///   Start-Sessions, 32:   0 2      | 1 MBZ (15) | 16 HMAC (16)
///   Start-Ack, 32:        0 Accept | 1 MBZ (15) | 16 HMAC (16)
///   Stop-Sessions (§3.8): 0 3 | 1 Accept | 2 MBZ | 4 Number of Sessions | 8 MBZ (8), then for each session that the
///                         writer sends: SID (16) | Next Seqno (4) | Number of Skip Ranges (4) | ranges: First (4) Last
///                         (4), filled with zeros to 16 octets; then HMAC (16)
///   Fetch-Session, 48:    0 4 | 1 MBZ (7) | 8 Begin Seq | 12 End Seq | 16 SID (16) | 32 HMAC (16)
///   Fetch-Ack, 32 (§3.9): 0 Accept | 1 Finished | 2 MBZ | 4 Next Seqno | 8 Number of Skip Ranges | 12 Number of
///   Records
///                         16 HMAC (16); where accepted: the Request-Session with its slots and both HMACs; skip
///                         ranges, filled to 16, HMAC; records of 25 octets, filled to 16, HMAC
///   Record, 25:           0 Seq (4) | 4 Send Error (2) | 6 Receive Error (2) | 8 Send Time (8) | 16 Receive Time (8) |
///   24 TTL
namespace sonde::owamp {

/// Nothing larger is decoded, stored or asked for. What the largest session answers to a Fetch (3.8 MB) fits into a
/// stream's 4 MiB of waiting bytes.
inline constexpr std::uint32_t kMostPackets = 100'000;
inline constexpr std::uint32_t kMostRecords = kMostPackets + kMostPackets / 2;
inline constexpr std::uint32_t kMostSlots = 1024;
inline constexpr std::uint32_t kMostSkips = kMostPackets / 2;
inline constexpr std::uint32_t kMostSessions = 64;
inline constexpr std::uint32_t kMostPadding = 65'000;

inline constexpr std::size_t kTestHeader = 14;
inline constexpr std::size_t kHmac = 16;  ///< zero in open mode; the place for the key modes
inline constexpr std::size_t kRecordSize = 25;

struct TestPacket {
  std::uint32_t sequence = 0;
  amp::NtpTime sent;
  amp::ErrorEstimate error;
  friend bool operator==(const TestPacket&, const TestPacket&) = default;
};

struct Request {
  Family family = Family::v4;
  bool server_sends = false;     ///< Conf-Sender
  bool server_receives = false;  ///< Conf-Receiver
  std::uint32_t packets = 0;
  std::uint16_t sender_port = 0, receiver_port = 0;
  IpAddress sender, receiver;
  amp::Sid sid{};
  std::uint32_t padding = 0;  ///< octets behind the test packet's header
  amp::NtpTime start;
  amp::NtpLength timeout = 0;  ///< the loss threshold
  std::uint8_t dscp = 0;
  std::vector<Slot> slots;
  friend bool operator==(const Request&, const Request&) = default;
};

struct AcceptSession {
  amp::Accept accept = amp::Accept::ok;
  std::uint16_t port = 0;
  amp::Sid sid{};
  friend bool operator==(const AcceptSession&, const AcceptSession&) = default;
};

/// Packets first..last were never sent.
struct SkipRange {
  std::uint32_t first = 0, last = 0;
  friend bool operator==(const SkipRange&, const SkipRange&) = default;
};

struct StoppedSession {
  amp::Sid sid{};
  std::uint32_t next_sequence = 0;  ///< one past the last packet sent
  std::vector<SkipRange> skips;     ///< ascending, apart
  friend bool operator==(const StoppedSession&, const StoppedSession&) = default;
};

struct StopSessions {
  amp::Accept accept = amp::Accept::ok;  ///< not ok: do not trust what was measured
  std::vector<StoppedSession> sessions;  ///< those that the writer sends
  friend bool operator==(const StopSessions&, const StopSessions&) = default;
};

struct FetchSession {
  std::uint32_t begin = 0, end = UINT32_MAX;  ///< both included; these values = all there is
  amp::Sid sid{};
  friend bool operator==(const FetchSession&, const FetchSession&) = default;
};

struct Record {
  std::uint32_t sequence = 0;
  amp::ErrorEstimate send_error, receive_error;
  amp::NtpTime sent;      ///< of a lost packet: when it was scheduled
  amp::NtpTime received;  ///< 0 = lost
  std::uint8_t hop_limit = 255;
  bool lost() const { return received.bits == 0; }
  friend bool operator==(const Record&, const Record&) = default;
};

struct FetchReply {
  amp::Accept accept = amp::Accept::ok;
  bool finished = false;
  std::uint32_t next_sequence = 0;
  std::vector<SkipRange> skips;
  Request request;  ///< with ports and SID as they were used
  std::vector<Record> records;
  friend bool operator==(const FetchReply&, const FetchReply&) = default;
};

/// Fills `out` (kTestHeader octets or more); what is behind the header is left as it is: the caller's padding.
void encode(const TestPacket& packet, std::span<std::byte> out);
Bytes encode(const Request& request);
Bytes encode(const AcceptSession& accept);
Bytes encode_start_sessions();
Bytes encode_start_ack(amp::Accept accept);
Bytes encode(const StopSessions& stop);
Bytes encode(const FetchSession& fetch);
Bytes encode(const FetchReply& reply);

/// Each takes a whole message as framed below, and gives none where a length, a limit or a value is not allowed.
std::optional<TestPacket> decode_test_packet(std::span<const std::byte> data);
std::optional<Request> decode_request(std::span<const std::byte> data);
std::optional<AcceptSession> decode_accept_session(std::span<const std::byte> data);
std::optional<amp::Accept> decode_start_ack(std::span<const std::byte> data);
std::optional<StopSessions> decode_stop_sessions(std::span<const std::byte> data);
std::optional<FetchSession> decode_fetch_session(std::span<const std::byte> data);
std::optional<FetchReply> decode_fetch_reply(std::span<const std::byte> data);

enum class Command : std::uint8_t { request_session = 1, start_sessions = 2, stop_sessions = 3, fetch_session = 4 };
inline constexpr std::size_t kAcceptSessionSize = 48, kStartAckSize = 32;

/// How long the message at the front of what has come is, as far as that can be told yet.
struct Frame {
  enum class State : std::uint8_t {
    whole,    ///< `size` octets are one message
    partial,  ///< more must come; `size` is how many it takes to know more
    illegal,  ///< no message that we take can begin like this
  };
  State state = State::partial;
  std::size_t size = 0;
};
Frame frame_command(std::span<const std::byte> data);
Frame frame_fetch_reply(std::span<const std::byte> data);

}  // namespace sonde::owamp
