#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/archive/archive.h"
#include "core/config/config.h"
#include "core/host/fitness.h"
#include "core/measurement/result.h"
#include "core/run/probe_type.h"
#include "core/run/run_view.h"
#include "core/run/saturating_slot.h"
#include "core/setup/facts.h"

namespace sonde {

struct MachineView;

/// One port that this node uses, for the table and for the request to a firewall administrator.
struct PortView {
  std::string purpose;    ///< "OWAMP control", "test packets", "web"
  std::string protocol;   ///< "TCP", "UDP", "ICMP"
  std::string direction;  ///< "in", "out", "both"
  std::uint16_t first = 0, last = 0;
  bool open = false;
  std::string sentence;        ///< why not open, or where it moved to
  bool for_operators = false;  ///< a page or shell: no request to a firewall administrator names it
};

struct NodeHealth {
  std::uint64_t resident_octets = 0;
  double cpu_share = 0;  ///< of one core, since the last snapshot
  std::optional<Duration> slip_p99;
  std::vector<InterfaceState> interfaces;
  std::optional<double> clock_offset;  ///< seconds, as the last clock Result said
};

/// A test that the first-run page offers. Its ids are made anew when it is chosen.
struct FirstTest {
  TestSpec spec;
  Peer peer;                ///< its far end, made with it; empty address = a test about this node
  std::string sentence;     ///< what it does and sends, and where to
  bool selected = true;     ///< the prefilled answer
  bool leaves_host = true;  ///< sends packets to another host once agreed to
};

/// What the windows see: one immutable picture of the node, renewed about once a second and after every change.
struct Snapshot {
  UtcTime made{}, started{};
  std::string version;
  std::shared_ptr<const Config> config;
  std::uint64_t config_revision = 0;  ///< the ETag of everything configured
  bool config_editable = true;
  std::string config_sentence;  ///< why not: file, line and column, and that the last good one runs
  ClockQuality clock;
  std::uint64_t clock_steps = 0;                 ///< since the node started
  std::shared_ptr<const FitnessReport> fitness;  ///< null until the host was looked at
  bool can_mend = false;                         ///< a root helper is there that can change this host's settings
  std::shared_ptr<const MachineView> machine;    ///< of the live appliance only, once its root helper answered
  NodeHealth health;
  std::vector<RunView> runs;                ///< running and queued ones, and the last 200 that ended, newest first
  std::map<std::string, UtcTime> next_due;  ///< test id
  std::shared_ptr<const std::vector<Lease>> leases = std::make_shared<const std::vector<Lease>>();  ///< of the slot
  std::map<std::string, std::shared_ptr<const Result>> latest;  ///< test id; its newest Result
  std::vector<PortView> ports;
  ArchiveState archive;
  std::vector<FirstTest> first_tests;  ///< until set-up is finished
  std::vector<std::string> replaced;   ///< what was broken at the start and put aside; until the next start
  std::string host_trouble;  ///< what is wrong with the machine underneath, as its root helper says; a sentence
};

/// A refused change: which field, and a sentence with value and what is allowed. status: 400, 404, 409, 412, 422, 503.
struct Problem {
  int status = 422;
  std::string field;
  std::string sentence;
};

struct Answer {
  std::string service;  ///< "ping", "owamp", "twamp", "throughput"
  bool answers = false;
  std::string sentence;  ///< what answered, or why not and in which direction to look
  std::optional<Duration> round_trip;
};
struct PeerCheck {
  std::string address;  ///< as asked
  std::vector<IpAddress> resolved;
  std::vector<Answer> answers;
  std::string sentence;
};

/// Who answers at an address of a route; empty where nobody says so.
struct HopLabel {
  std::string name;  ///< by reverse DNS
  std::optional<std::uint32_t> as_number;
  std::string as_name;
};

/// The window's wires into the node; appliance implements it. Safe to call from any thread; futures are fulfilled
/// within the time said, also when the node stops (status 503).
class Node {
 public:
  virtual ~Node() = default;
  virtual std::shared_ptr<const Snapshot> snapshot() const = 0;
  virtual const Archive& archive() const = 0;
  virtual std::span<const ProbeType* const> probes() const = 0;
  virtual Log log() const = 0;

  using Edit = std::function<std::optional<Problem>(Config&)>;
  /// Applies `edit` to a copy of the configuration, checks every rule, writes it durably, then makes it the running
  /// one. `if_revision`: 412 when it is no longer the current one. Within 10 s.
  virtual std::future<std::optional<Problem>> change(Edit edit, std::optional<std::uint64_t> if_revision) = 0;
  /// Puts a run of the test in the queue; `run` of the outcome is its id.
  struct Queued {
    std::optional<Problem> problem;
    RunView run;
  };
  virtual std::future<Queued> run_now(const std::string& test, const std::string& requester) = 0;
  virtual std::future<std::optional<Problem>> stop_run(const std::string& run) = 0;
  /// Resolves and asks ping, 861, 862 and 5201. Within 8 s. Only for operators of a set-up node (or loopback targets).
  virtual std::future<PeerCheck> check_peer(const std::string& address) = 0;
  /// Deletes the test's stored data too.
  virtual std::future<std::optional<Problem>> delete_test(const std::string& test) = 0;
  /// The bytes a test will take, from its spec alone.
  virtual DiskBudget budget(const TestSpec& spec) const = 0;
  /// Has the root helper mend a finding of the newest FitnessReport. 404, 409 with a sentence where no button does it
  /// here, 503. Within 10 s.
  virtual std::future<std::optional<Problem>> mend(const std::string& finding) = 0;
  /// What is known of a router now; `look_up` asks for its name, which a later call may know. Returns at once.
  virtual HopLabel hop_label(const IpAddress& /*address*/, bool /*look_up*/) const { return {}; }
  /// What the host knows of itself for the set-up's questions, looked up anew. Within 1 s.
  virtual SetupFacts setup_facts() const { return {}; }
  /// Called with every new snapshot and every stored Result, on the node's threads: must return at once.
  struct Listener {
    std::function<void(std::shared_ptr<const Snapshot>)> snapshot;
    std::function<void(std::shared_ptr<const Result>)> result;
    std::function<void(const Event&)> event;
    /// What is known so far of a step that is not closed yet; never stored, the same step comes again.
    std::function<void(std::shared_ptr<const Result>)> live;
  };
  virtual void listen(Listener listener) = 0;
};

}  // namespace sonde
