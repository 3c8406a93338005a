#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/net/network.h"

namespace sonde {

/// Handles of one loop; 0 = none. Never used again within a loop's life.
using SocketId = std::uint32_t;
using StreamId = std::uint32_t;
using ListenerId = std::uint32_t;

/// What became of an open: id 0 = it failed and `error` is a phrase that says why.
struct Opened {
  std::uint32_t id = 0;
  Endpoint local;
  std::string error;
  explicit operator bool() const { return id != 0; }
};

class Session;
using SessionPtr = std::unique_ptr<Session>;

/// A session's hands: everything it may do to the world. What is opened through it belongs to the session that was
/// called and is closed with it. Valid only during the call.
class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual Opened open_udp(const PacketOptions& options) = 0;
  virtual Opened open_icmp(const PacketOptions& options) = 0;
  /// Leaves at once. 0 or the errno that kept it here (EAGAIN: own buffer full).
  virtual int send(SocketId socket, const Endpoint& to, std::span<const std::byte> payload) = 0;
  /// The same with a hop limit of its own: a router on the way ends it there and says so.
  virtual int send_within(SocketId socket, const Endpoint& to, std::span<const std::byte> payload, int /*hop_limit*/) {
    return send(socket, to, payload);
  }
  /// The same towards where `received` came from, leaving from the very address that it was sent to.
  virtual int reply(SocketId socket, const Datagram& received, std::span<const std::byte> payload) {
    return send(socket, received.from, payload);
  }
  /// UDP: from now on `socket` sends to this peer alone and hears it alone; sending gets shorter by some microseconds.
  /// For senders of planned packets, once the peer's port is known. 0 or an errno; then the socket is as before.
  virtual int keep_to(SocketId /*socket*/, const Endpoint& /*peer*/) { return 0; }
  /// Packets that this host dropped at the socket since it was opened.
  virtual std::uint64_t dropped_here(SocketId socket) = 0;
  virtual std::uint16_t echo_identifier(SocketId socket) = 0;
  virtual void close_socket(SocketId socket) = 0;

  /// on_connected or on_closed follows, never within this call. `from` unspecified = the route's.
  virtual StreamId connect(const Endpoint& to, const IpAddress& from, const StreamOptions& options = {}) = 0;
  virtual Opened listen(const Endpoint& at) = 0;
  /// Queues; over 4 MiB waiting the stream is closed ("the peer does not read").
  virtual void write(StreamId stream, std::span<const std::byte> data) = 0;
  /// What is queued is still sent, for at most 5 s; no on_closed follows.
  virtual void close_stream(StreamId stream) = 0;
  virtual void close_listener(ListenerId listener) = 0;
  /// Takes an open stream off the loop, for whoever moves bulk data through it on a thread of its own. Null while
  /// something is queued to be written, and when the stream is not this session's or not open.
  virtual std::unique_ptr<Stream> release(StreamId stream) = 0;

  /// A further session on the same loop; it takes over `stream` (0 = none) of this one. on_start follows later.
  virtual void start(SessionPtr session, StreamId stream = 0) = 0;
  /// This session is over: it is destroyed after the call returns.
  virtual void finish() = 0;
};

/// One measuring or answering end of a packet probe: a state machine without I/O and without waiting.
/// All calls come from its loop's thread. After each call the loop asks next_deadline().
class Session {
 public:
  virtual ~Session() = default;
  virtual void on_start(Now, Outbox&) {}
  /// kNever = only outside events matter.
  virtual SteadyTime next_deadline() const = 0;
  /// `now` was read just before the call: a stamp made from it is fresh.
  virtual void on_deadline(Now, Outbox&) = 0;
  virtual void on_datagram(SocketId, const Datagram&, Now, Outbox&) {}
  virtual void on_transmit_stamp(SocketId, const TransmitStamp&, Now, Outbox&) {}
  virtual void on_accepted(ListenerId, StreamId, const Endpoint& /*peer*/, const Endpoint& /*local*/, Now, Outbox&) {}
  virtual void on_connected(StreamId, const Endpoint& /*local*/, Now, Outbox&) {}
  virtual void on_bytes(StreamId, std::span<const std::byte>, Now, Outbox&) {}
  virtual void on_closed(StreamId, std::string_view /*reason*/, Now, Outbox&) {}
  /// UTC jumped against steady time by `step`: what was scheduled in UTC no longer holds.
  virtual void on_clock_step(Duration /*step*/, Now, Outbox&) {}
  /// Someone wants this session to end: report what there is, then finish(). Called once.
  virtual void on_stop(Now, Outbox& out) { out.finish(); }
  /// True while packets leave at planned instants closer than 2 s: the loop may then spin and warm up.
  virtual bool paced() const { return false; }
};

}  // namespace sonde
