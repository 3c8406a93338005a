#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/net/address.h"

namespace sonde {

/// Who took a receive stamp: told in every Result. `user` = read after the call returned.
enum class StampSource : std::uint8_t { none, user, kernel, hardware };
std::string_view to_string(StampSource source);

/// One packet to send. `payload` must live until the call returns.
struct Outgoing {
  std::span<const std::byte> payload;
  Endpoint to;
  IpAddress from{};   ///< one of several own addresses; unspecified = the socket's or the route's
  int hop_limit = 0;  ///< of this packet alone; 0 = the socket's
};

/// One packet that came, or (error != 0) the network's answer about one we sent to `from`
/// (errno, e.g. ECONNREFUSED for port unreachable; payload = the start of what we sent, as far as it came back).
struct Datagram {
  std::span<const std::byte> payload;  ///< valid until anything is received on the same loop
  Endpoint from;
  Endpoint to;  ///< own address it was sent to
  UtcTime arrival{};
  StampSource stamp = StampSource::none;
  int hop_limit = -1;      ///< TTL as it arrived; -1 = unknown
  int traffic_class = -1;  ///< DSCP and ECN octet; -1 = unknown
  int error = 0;
  IpAddress reporter;                  ///< error: who says so, a router or the target; unspecified = this host
  int icmp_type = -1, icmp_code = -1;  ///< error: of the ICMP message that said so; -1 = none
};

/// The kernel's stamp of a packet that left; read back later, in sending order.
struct TransmitStamp {
  std::uint32_t index = 0;  ///< counts sent packets of this socket from 0
  UtcTime sent{};
};

struct PacketOptions {
  Endpoint local;  ///< address 0 = any; port 0 = chosen by the kernel
  int hop_limit = 255;
  std::uint8_t traffic_class = 0;  ///< DSCP << 2
  bool transmit_stamps = false;
  /// IPv6: no flow label, so that equal addresses and ports stay one flow for every router, after a restart too.
  bool without_flow_label = false;
  std::size_t receive_buffer = 4 << 20;
};

/// A UDP socket, or an ICMP echo socket whose payloads are ICMP messages (checksum and, where the kernel insists,
/// identifier are the socket's to fill in). Non-blocking. Used by the one loop whose Network opened it.
class PacketSocket {
 public:
  virtual ~PacketSocket() = default;
  virtual Endpoint local() const = 0;
  /// Sends in order until one fails; returns how many left. `error()` then tells why, as an errno.
  virtual std::size_t send(std::span<const Outgoing> batch) = 0;
  virtual int error() const = 0;
  /// UDP: sends to and hears from this peer alone from now on. Its route is looked up once, which makes sending shorter
  /// by some microseconds, and the kernel drops what comes from others. 0 or an errno.
  virtual int keep_to(const Endpoint& peer) = 0;
  /// Up to 64 at once; empty when none waits.
  virtual std::span<const Datagram> receive() = 0;
  virtual std::span<const TransmitStamp> transmit_stamps() = 0;
  /// Packets that came but were dropped by this host for want of room, since the socket was opened (SO_RXQ_OVFL).
  virtual std::uint64_t dropped_here() const = 0;
  /// ICMP only: the identifier that our echo requests bear on the wire.
  virtual std::uint16_t echo_identifier() const { return 0; }
};

/// What a connection asks of the kernel before it is made; zero or empty = the kernel's own choice.
struct StreamOptions {
  std::uint32_t window_octets = 0;   ///< send and receive buffer
  std::uint16_t segment_octets = 0;  ///< greatest TCP segment (MSS)
  std::uint8_t traffic_class = 0;    ///< DSCP << 2
  std::string congestion;            ///< name of the congestion control
};

/// An ordered byte stream. Non-blocking.
class Stream {
 public:
  enum class State : std::uint8_t { connecting, open, closed };
  virtual ~Stream() = default;
  virtual State state() const = 0;
  virtual std::string reason() const = 0;  ///< once closed: a phrase, "connection refused", "closed by the peer"
  virtual Endpoint local() const = 0;
  virtual Endpoint peer() const = 0;
  /// Takes as much as fits; the rest is the caller's to keep.
  virtual std::size_t write(std::span<const std::byte> data) = 0;
  /// What has come, at most 64 KiB; empty when nothing waits. Valid until anything is received on
  /// the same loop.
  virtual std::span<const std::byte> read() = 0;
  /// For whoever was given a whole stream to move bulk data: the kernel's descriptor, still the stream's own. -1 =
  /// there is no kernel behind it.
  virtual int descriptor() const { return -1; }
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual Endpoint local() const = 0;
  virtual std::unique_ptr<Stream> accept() = 0;  ///< null when nobody waits
};

/// One own interface as the kernel counts it. Counters are since boot or driver start, 64 bit.
struct InterfaceState {
  std::string name;
  int index = 0;
  bool up = false, running = false, loopback = false;
  std::uint64_t in_octets = 0, out_octets = 0, in_packets = 0, out_packets = 0;
  std::uint64_t in_errors = 0, out_errors = 0, in_discards = 0, out_discards = 0;
  std::optional<std::uint64_t> speed_bps;
  int mtu = 0;
  std::string hardware_address;
  std::vector<Prefix> addresses;  ///< own address with the prefix length of its network: host bits are kept here
};

/// A token of the caller's with what it waits for.
struct Ready {
  std::uint64_t token = 0;
  bool readable = false, writable = false;
};

/// The network as one loop sees it: makes sockets and waits for them. Every open throws Error with a sentence.
/// Used by its loop's thread only, but wake().
class Network {
 public:
  virtual ~Network() = default;
  virtual std::unique_ptr<PacketSocket> open_udp(const PacketOptions& options) = 0;
  virtual std::unique_ptr<PacketSocket> open_icmp(const PacketOptions& options) = 0;
  virtual std::unique_ptr<Stream> connect(const Endpoint& to, const IpAddress& from,
                                          const StreamOptions& options = {}) = 0;
  virtual std::unique_ptr<Listener> listen(const Endpoint& at) = 0;
  virtual std::vector<InterfaceState> interfaces() = 0;
  /// The own address that packets to `to` would leave from; empty = no route.
  virtual std::optional<IpAddress> source_for(const IpAddress& to) = 0;

  virtual void watch(PacketSocket& socket, std::uint64_t token) = 0;
  virtual void watch(Stream& stream, std::uint64_t token, bool want_write) = 0;
  virtual void watch(Listener& listener, std::uint64_t token) = 0;
  /// The stream lives on elsewhere: nothing is ready through this network any more.
  virtual void unwatch(Stream& stream) = 0;
  /// Destroying a watched socket ends its watch.
  /// Returns when something is ready, the time has come, wake() was called or the clock stepped; may return none.
  virtual std::span<const Ready> wait(SteadyTime until) = 0;
  virtual void wake() = 0;
  /// Sleeps until then, whatever becomes ready: it is there at the next wait(). A simulated world does not.
  virtual void rest(SteadyTime) {}
  /// Runs through the sending path without sending anything to anybody, so that the next packet finds it warm.
  virtual void warm_up() {}
};

}  // namespace sonde
