#pragma once

#include <memory>
#include <vector>

#include "appliance/config_keeper.h"
#include "appliance/engine.h"
#include "appliance/fitness_keeper.h"
#include "appliance/hop_labels.h"
#include "appliance/host_door.h"
#include "appliance/node_state.h"
#include "appliance/ports.h"
#include "appliance/setup_facts.h"
#include "core/access/limits.h"
#include "core/archive/durable_archive.h"
#include "core/base/linux_clock.h"
#include "core/config/config_store.h"
#include "web/view.h"

namespace sonde {

/// The running node as its windows see it: joins engine, configuration, archive and the picture of it all. Lives on the
/// TaskLoop; what Node declares may be called from any thread.
class LiveNode final : public Node {
 public:
  struct Parts {
    std::span<const ProbeType* const> catalogue;
    LinuxClock* clock = nullptr;
    TaskLoop* tasks = nullptr;
    DurableArchive* archive = nullptr;
    std::vector<LoopSeat> seats;
    ConfigStore* store = nullptr;
    ConfigStore::State loaded;          ///< what the store read at the start
    std::vector<std::string> replaced;  ///< sentences on what was broken at the start and put aside
    Log log;
    std::string data_folder;   ///< whose disk is judged
    HostDoor* host = nullptr;  ///< to the appliance's root helper; null: there is none
    std::string as_table;      ///< path of the operator's table of autonomous systems; need not be there
    int port_offset = 0;
    bool offer_tests = true;  ///< suggest tests of the network around; not where the page is for this host only
  };
  explicit LiveNode(Parts parts);
  ~LiveNode() override;

  /// Asked for each picture: where the page and the servers listen.
  void watch_ports(std::function<Doors()> ports) { ports_ = std::move(ports); }
  /// For heavy tests from outside; before the loops run.
  SaturatingSlot& slot() { return engine_->slot(); }
  /// The table of who may use the engines as it is now; from any thread.
  std::shared_ptr<const Limits> limits() const;
  void start();
  /// Every later request is answered with 503; tests are asked to end.
  void stop();

  std::shared_ptr<const Snapshot> snapshot() const override { return state_.snapshot(); }
  const Archive& archive() const override { return *parts_.archive; }
  std::span<const ProbeType* const> probes() const override { return parts_.catalogue; }
  Log log() const override { return parts_.log; }
  std::future<std::optional<Problem>> change(Edit edit, std::optional<std::uint64_t> if_revision) override;
  std::future<Queued> run_now(const std::string& test, const std::string& requester) override;
  std::future<std::optional<Problem>> stop_run(const std::string& run) override;
  std::future<PeerCheck> check_peer(const std::string& address) override;
  std::future<std::optional<Problem>> delete_test(const std::string& test) override;
  DiskBudget budget(const TestSpec& spec) const override;
  std::future<std::optional<Problem>> mend(const std::string& finding) override { return fitness_->mend(finding); }
  HopLabel hop_label(const IpAddress& address, bool look_up) const override {
    return hop_labels_->label(address, look_up);
  }
  SetupFacts setup_facts() const override {
    SetupFacts facts = sonde::setup_facts(snapshot()->health.interfaces);
    if (parts_.host) parts_.host->add(facts);
    return facts;
  }
  void listen(Listener listener) override { state_.listen(std::move(listener)); }

 private:
  void tick();
  bool has_route(const IpAddress& to) const;
  void publish();
  void look_at_file();
  void take(std::shared_ptr<const Config> config);
  void peer_moved(const std::string& test);
  NodeHealth health();
  HostFacts look_at_host() const;
  std::optional<Problem> check(const Config& config) const;
  void clock_stepped(Duration step);
  void record_change(const std::string& sentence);
  void vouch(ClockQuality quality);

  Parts parts_;
  NodeState state_;
  std::unique_ptr<Random> random_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<HopLabels> hop_labels_;
  std::unique_ptr<Network> network_;  ///< for looking at interfaces and routes only
  UtcTime started_{};
  std::function<Doors()> ports_ = [] { return Doors(); };
  ConfigStore::Source source_;
  mutable std::mutex limits_mutex_;
  std::shared_ptr<const Limits> limits_ = std::make_shared<Limits>();  // guarded by limits_mutex_
  ProcessUse last_use_;
  SteadyTime last_use_at_{};
  std::unique_ptr<ConfigKeeper> keeper_;
  std::unique_ptr<Engine> engine_;
  int ticks_ = 0;
  bool stopping_ = false;
  std::unique_ptr<FitnessKeeper> fitness_;
  Worker files_;  // last: its tasks use the rest
};

}  // namespace sonde
