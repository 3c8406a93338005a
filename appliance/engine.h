#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "appliance/heavy_times.h"
#include "appliance/resolver.h"
#include "appliance/route_keeper.h"
#include "core/archive/archive.h"
#include "core/config/config.h"
#include "core/run/packet_loop.h"
#include "core/run/probe_type.h"
#include "core/run/scheduler.h"
#include "core/run/task_loop.h"

namespace sonde {

/// One packet loop with what its sessions use. All three are used by the loop's thread only, but post().
struct LoopSeat {
  PacketLoop* loop = nullptr;
  Network* network = nullptr;
  Random* random = nullptr;
};

/// The measuring node without its windows: joins scheduler, loops, probes and archive. The same in the real world and
/// in a simulated one. Lives on the TaskLoop; everything it is given must outlive it, and the loops must have ended
/// before it is destroyed.
class Engine {
 public:
  struct Parts {
    std::span<const ProbeType* const> catalogue;
    const Clock* clock = nullptr;
    TaskLoop* tasks = nullptr;
    Archive* archive = nullptr;
    Resolver* resolver = nullptr;
    Random* random = nullptr;  ///< of the TaskLoop
    std::vector<LoopSeat> seats;
    Log log;
    int port_offset = 0;
    std::function<void(ClockQuality)> vouch = [](ClockQuality) {};  ///< any thread
    /// What is known so far of a step that is not closed yet; on the loops' threads.
    std::function<void(std::shared_ptr<const Result>)> live = [](std::shared_ptr<const Result>) {};
    /// The peer of this test has moved to another address: a new revision begins. On the TaskLoop.
    std::function<void(const std::string& test)> moved = [](const std::string&) {};
  };
  explicit Engine(Parts parts);
  ~Engine();

  void apply(std::shared_ptr<const Config> config);
  /// Tells scheduler and archive; the sessions hear it from their loops.
  void clock_stepped(Duration step);
  Scheduler& scheduler() { return *scheduler_; }
  SaturatingSlot& slot() { return slot_; }
  const ProbeType* probe(std::string_view name) const;

 private:
  struct Seat;
  struct Active {
    std::shared_ptr<Seat> seat;  ///< null while the name is looked up
    TestSpec spec;
    bool stopping = false;
  };
  void start(const TestSpec& spec, const RunView& run);
  void open(const std::string& run, RunOrder order, Resolution resolution);
  void stop(const std::string& run);
  void not_started(const TestSpec& spec, const RunView& run);
  void fail(const RunOrder& order, std::string sentence);
  void over(const std::string& run, Outcome outcome, std::string sentence);
  Result bearing(const RunOrder& order, Result result) const;
  void store(const RunOrder& order, Result result, Random& random);
  IpAddress choose(const TestSpec& spec, const Resolution& resolution);
  std::shared_ptr<Seat> next_seat();

  RunLoad load(const TestSpec& spec) const;
  void mark_heavy(Result& result) const;

  Parts parts_;
  RouteKeeper routes_;
  HeavyTimes heavy_;
  SaturatingSlot slot_;
  std::shared_ptr<const Config> config_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::shared_ptr<Seat>> seats_;
  std::size_t next_seat_ = 0;
  std::map<std::string, Active> active_;           ///< by run id
  std::map<std::string, IpAddress> last_address_;  ///< by test id
};

}  // namespace sonde
