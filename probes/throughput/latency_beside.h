#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/run/session.h"
#include "core/statistics/delay.h"

namespace sonde::throughput {

/// A light stream of pings beside a heavy test: what the load does to delay. A part of the client's session, which
/// passes on what comes from its loop.
class LatencyBeside {
 public:
  enum class Load : std::uint8_t { idle, loaded, neither };
  struct Summary {
    std::optional<Estimate> idle, loaded;  ///< medians of the round-trip time
    std::size_t idle_answers = 0, loaded_answers = 0;
    std::string why;  ///< a phrase where there is no median
  };

  /// Begins to ping at once, idle.
  void begin(const IpAddress& target, const IpAddress& from, Random& random, Now now, Outbox& out);
  /// What is sent from now on counts there.
  void load(Load load) { load_ = load; }
  void end(Outbox& out);
  SteadyTime next_deadline() const { return next_; }
  void on_deadline(Now now, Outbox& out);
  void on_datagram(SocketId socket, const Datagram& datagram);
  Summary summary() const;

 private:
  struct Ping {
    UtcTime sent{};
    Load load = Load::idle;
  };
  IpAddress target_;
  SocketId socket_ = 0;
  std::uint64_t cookie_ = 0;
  std::uint32_t sequence_ = 0;
  SteadyTime next_ = kNever;
  Load load_ = Load::idle;
  std::map<std::uint32_t, Ping> under_way_;
  std::vector<std::int64_t> idle_, loaded_;  // ns
  std::string error_;
};

}  // namespace sonde::throughput
