#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/run/session.h"

namespace sonde {

struct PacketLoopOptions {
  Duration spin{};       ///< budget before each paced deadline, while at most 16 sessions run; zero = none
  bool warm_up = false;  ///< likewise: use the sending path shortly before, so that cold caches delay no packet
};

/// How late deadlines were served and what else befell the loop, since it was made. Read from any thread.
struct LoopHealth {
  std::uint64_t deadlines = 0;
  Duration slip_p50{}, slip_p99{}, slip_max{};
  std::uint64_t sessions = 0;
};

/// Deadlines, datagrams and streams of many sessions on one thread. The world may be real or simulated: the loop
/// asks its Network to wait. Owns its sessions. Only post() and health() may be called from other threads.
class PacketLoop {
 public:
  PacketLoop(const Clock& clock, Network& network, Log log, PacketLoopOptions options = {});
  ~PacketLoop();
  PacketLoop(const PacketLoop&) = delete;
  PacketLoop& operator=(const PacketLoop&) = delete;

  /// Runs `task` on the loop's thread at its next turn. At most 4096 wait; false = full, nothing was queued.
  bool post(std::function<void()> task);
  /// On the loop's thread (or before run): takes the session in and calls on_start. The id ends with the session.
  std::uint64_t start(SessionPtr session);
  void stop(std::uint64_t session);
  void set_options(PacketLoopOptions options);

  /// One turn: everything due or ready now. Never waits. For simulated worlds and for run().
  void turn();
  SteadyTime next_deadline() const;
  /// Until `stop` is requested: then every session gets on_stop and at most 5 s to finish.
  void run(std::stop_token stop);
  LoopHealth health() const;

  class Impl;  ///< private to the files of the loop

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace sonde
