#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/net/network.h"
#include "core/run/packet_loop.h"
#include "core/run/task_loop.h"

// A world of hosts, links and clocks on one thread, where an hour takes a moment and every run is the same.
//
//   SimulatedWorld world;
//   SimulatedHost& a = world.host("a", {"10.0.0.1", "fd00::1"});
//   SimulatedHost& b = world.host("b", {"10.0.0.2"}, {.offset = 3ms, .drift_ppm = 20});
//   world.link(a, b, {.delay = 13ms, .loss = 0.2});        // both directions; a fifth argument sets the way back
//   PacketLoop& loop = a.make_loop();                      // or: PacketLoop own(a.clock(), a.make_network(), log);
//   a.add(own); loop.start(std::make_unique<MySession>(...)); world.run_for(1h);                                     //
//   or: world.run_until([&] { return done; }, 10s) world.truth();                                         // what
//   became of each packet, by the true clock
//
// Time moves only inside run_*: to the next packet, deadline or task, and then the loops concerned turn. Options of a
// link may be changed at any time: world.way(a, b).down = true; clocks are stepped by b.clock().step(1s).
// Hosts answer pings and closed ports by themselves. Nothing else is sent that a test does not send.
namespace sonde::test {

class SimulatedHost;
class SimulatedWorld;

/// One direction between two hosts. Datagrams meet all of it; streams only its delay and whether it is down.
struct LinkOptions {
  Duration delay = std::chrono::milliseconds{1};
  Duration jitter{};             ///< up to this much more, evenly; order is kept
  bool jitter_reorders = false;  ///< order is not kept
  double loss = 0;               ///< shares of packets, 0 to 1
  double duplicate = 0;          ///< a copy follows 1 µs later
  double overtake = 0;           ///< held until 1 µs after the next packet (or for 1 s)
  double dropped_here = 0;       ///< arrives, but the receiver's socket has no room: counted in dropped_here()
  bool down = false;             ///< datagrams are lost, streams stall until it is up again
  /// Each takes one hop; answers "time exceeded" when the hop limit ends at it. "10.1.0.1|10.1.0.2" = one of them, by
  /// ports or ICMP checksum, as a balancer of flows does; "-" = forwards and never answers.
  std::vector<std::string> routers;
  /// Loses what it picks: the number of the packet on this way from 0, and its payload.
  std::function<bool(std::uint64_t, std::span<const std::byte>)> lose_when;
};

struct ClockOptions {
  Duration offset{};     ///< UTC of this host minus true UTC at the start
  double drift_ppm = 0;  ///< positive: runs fast
  ClockQuality quality{.bound = Duration{}, .synchronised = true, .believed = true, .source = "simulated"};
};

/// What became of one datagram (or copy) by the true clock.
struct Truth {
  enum class Fate : std::uint8_t { delivered, lost, dropped_here, expired };
  Endpoint from, to;
  UtcTime entered{};
  std::optional<UtcTime> left;  ///< empty unless it came to the other host
  Fate fate = Fate::delivered;
  bool copy = false;  ///< a duplicate that the link made
  Bytes head;         ///< at most 64 octets of the payload
};

class SimulatedClock final : public Clock {
 public:
  SimulatedClock(const SimulatedWorld& world, const ClockOptions& options, Duration steady_base);
  SteadyTime steady_now() const override;
  UtcTime utc_now() const override { return anchor_.to_utc(steady_now()); }
  Anchor anchor() const override { return anchor_; }
  ClockQuality quality() const override { return quality_; }
  void step(Duration by);
  void set_drift(double ppm);
  void vouch(ClockQuality quality) { quality_ = std::move(quality); }
  /// Nanoseconds of the world at which steady_now() first reaches `t`.
  std::int64_t world_time(SteadyTime t) const;

 private:
  friend class SimulatedHost;
  const SimulatedWorld& world_;
  SimulatedHost* host_ = nullptr;
  std::int64_t since_ = 0;     // world time at which this rate began
  SteadyTime base_;            // steady time then
  std::int64_t rate_ppb_ = 0;  // beyond 1
  Anchor anchor_;
  ClockQuality quality_;
};

class SimulatedHost {
 public:
  ~SimulatedHost();
  const std::string& name() const;
  SimulatedClock& clock();
  /// One for each loop; lives as long as the world.
  Network& make_network();
  /// A loop with a network of its own, owned by the host and driven by the world.
  PacketLoop& make_loop(Log log = {}, PacketLoopOptions options = {});
  /// Loops of the test's own. Remove them before they end, if the world runs on.
  void add(PacketLoop& loop);
  void add(TaskLoop& loop);
  void remove(const void* loop);
  /// Resets every stream of this host, at both ends at once.
  void reset_streams();
  std::vector<InterfaceState>& interfaces();  ///< what Network::interfaces() will say

  struct Impl;
  std::unique_ptr<Impl> impl_;  ///< for the files of this world only

 private:
  friend class SimulatedWorld;
  explicit SimulatedHost(std::unique_ptr<Impl> impl);
};

class SimulatedWorld {
 public:
  explicit SimulatedWorld(std::uint64_t seed = 1, UtcTime start = utc_from_seconds(1'795'240'800));
  ~SimulatedWorld();

  SimulatedHost& host(std::string name, std::vector<std::string> addresses, const ClockOptions& clock = {});
  /// Hosts without a link between them are linked by LinkOptions{}.
  void link(SimulatedHost& a, SimulatedHost& b, const LinkOptions& both);
  void link(SimulatedHost& a, SimulatedHost& b, const LinkOptions& there, const LinkOptions& back);
  LinkOptions& way(SimulatedHost& from, SimulatedHost& to);

  UtcTime now() const;           ///< the true clock
  std::int64_t elapsed() const;  ///< nanoseconds since the start
  void at(UtcTime when, std::function<void()> what);
  void run_until(UtcTime when);
  void run_for(Duration length) { run_until(now() + length); }
  /// Until `done` says so, asked after every event; false when `limit` passed before.
  bool run_until(const std::function<bool()>& done, Duration limit);

  const std::vector<Truth>& truth() const;
  void keep_truth(bool keep);  ///< on at the start
  /// Lines of all these logs are kept in log_lines().
  Log log(std::string component);
  const std::vector<LogLine>& log_lines() const;

  struct Impl;
  std::unique_ptr<Impl> impl_;  ///< for the files of this world only
};

}  // namespace sonde::test
