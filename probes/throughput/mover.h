#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/net/network.h"
#include "probes/throughput/plan.h"

namespace sonde::throughput {

/// What the kernel knows of a TCP sender (struct tcp_info). Times are sums since the connection was made.
struct TcpState {
  std::uint64_t retransmits = 0;
  std::uint64_t window_octets = 0;       ///< congestion window
  std::uint64_t peer_window_octets = 0;  ///< what the receiver allows
  Duration round_trip{}, round_trip_variation{}, least_round_trip{};
  std::uint32_t path_mtu = 0;
  Duration busy{}, peer_window_limited{}, send_buffer_limited{};
};

/// One stream since it began, omitted time included.
struct Moved {
  std::uint64_t octets = 0, packets = 0;
  SteadyTime first{}, last{};  ///< of the data; zero = none yet
  bool ended = false;          ///< nothing more will be sent or will come
  // UDP receiver. `lost` and `out_of_order` as iperf3 counts them, but that a copy is neither.
  std::int64_t lost = 0;
  std::uint64_t out_of_order = 0, duplicates = 0, dropped_here = 0;
  double jitter_seconds = 0;
  std::optional<TcpState> tcp;  ///< of a TCP sender
  std::string trouble;          ///< a phrase, once the stream broke
};

/// Moves the data of one test: the only part that is not simulated. The real one has threads that own the data sockets;
/// its owner calls it from the loop's thread and is never kept waiting. Destroying it ends everything at once.
class Mover {
 public:
  virtual ~Mover() = default;
  /// TCP: the next stream in the order of the plan's flows. Throws Error where the kernel refuses what the plan asks.
  virtual void take(std::unique_ptr<Stream> stream) = 0;
  /// UDP: opens the streams, the client by asking, the server by answering. Throws Error; what fails later is told by
  /// opening().
  virtual void open_udp(End end) = 0;
  struct Opening {
    bool ready = false;
    std::string trouble;
  };
  virtual Opening opening() = 0;
  virtual void start() = 0;
  /// From now on at most so much more is sent, over all streams; blocks = writes or datagrams of the plan's size.
  virtual void limit_to(std::uint64_t octets_to_come) = 0;
  /// Senders end after the block under way and wait until the peer's kernel has everything.
  virtual void stop_sending() = 0;
  /// Receivers read what still comes, and end once the peer closes or has been silent for a moment.
  virtual void finish_receiving() = 0;
  /// In the order of the flows.
  virtual std::vector<Moved> read() = 0;
  /// How sending and receiving were done: "sendfile, discarded unread".
  virtual std::string copy_mode() const = 0;
  /// Congestion control in use; empty = none or unknown.
  virtual std::string congestion() const = 0;
  /// CPU time of this mover's threads so far.
  struct CpuTime {
    Duration user{}, system{};
  };
  virtual CpuTime cpu_time() const = 0;
};

using MakeMover = std::function<std::unique_ptr<Mover>(const Plan&, const Clock&)>;
/// Threads and sockets of this host.
std::unique_ptr<Mover> make_thread_mover(const Plan& plan, const Clock& clock);

}  // namespace sonde::throughput
