#include "appliance/appliance.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <iostream>

#include "appliance/data_folder.h"
#include "appliance/disk_rule.h"
#include "appliance/first_tests.h"
#include "appliance/host_door.h"
#include "appliance/live_node.h"
#include "appliance/page.h"
#include "appliance/privileges.h"
#include "appliance/responders.h"
#include "appliance/version.h"
#include "appliance/worker.h"
#include "core/archive/durable_archive.h"
#include "core/archive/journal.h"
#include "core/backup/backups.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/linux_clock.h"
#include "core/net/linux_network.h"
#include "web/inherited.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kWebPort = 8443, kAppliancePort = 443, kPlainPort = 80;
constexpr Duration kCertificateLook = 30s;  ///< whether the host has other names and addresses now
constexpr Duration kFarewell = 500ms;       ///< between a restore and the new start, for the answer to get away

/// One packet loop with its thread. The network belongs to the loop, the loop to the thread.
class LoopThread {
 public:
  LoopThread(LinuxClock& clock, const Log& log, Duration spin)
      : network_(std::make_unique<LinuxNetwork>(clock)),
        random_(system_random()),
        loop_(clock, *network_, log, {}),
        spin_(spin) {}
  void start() {
    thread_ = std::jthread([this](std::stop_token stop) {
      // Without real-time priority a spin would only take the core from the others.
      const bool real_time = take_real_time_priority();
      const Duration spin = spin_ > Duration::zero() ? spin_ : real_time ? Duration{100us} : Duration::zero();
      loop_.set_options({.spin = spin, .warm_up = spin > Duration::zero()});
      loop_.run(stop);
    });
  }
  void stop() {
    thread_.request_stop();
    network_->wake();
    if (thread_.joinable()) thread_.join();
  }
  LoopSeat seat() { return {&loop_, network_.get(), random_.get()}; }

 private:
  std::unique_ptr<Network> network_;
  std::unique_ptr<Random> random_;
  PacketLoop loop_;
  Duration spin_;
  std::jthread thread_;
};

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

/// Waits for INT or TERM away from every loop; TERM twice is not needed: every wait in the stop is bounded.
std::jthread watch_signals(std::stop_source stop, TaskLoop& tasks) {
  return std::jthread([stop, &tasks](std::stop_token over) mutable {
    const sigset_t set = ending_signals();
    const timespec tick{0, 200'000'000};
    while (!over.stop_requested()) {
      if (sigtimedwait(&set, nullptr, &tick) <= 0) continue;
      stop.request_stop();
      tasks.post([] {});  // wakes it
      return;
    }
  });
}

std::vector<std::unique_ptr<LoopThread>> make_loops(LinuxClock& clock, const Log& log, Duration spin) {
  const unsigned cores = std::max(2U, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<LoopThread>> loops;
  for (unsigned i = 0; i < std::min(cores - 1, 2U); ++i)
    loops.push_back(std::make_unique<LoopThread>(clock, log, spin));
  return loops;
}

void greet(const Page& page) {
  std::cout << "Sonde " << version() << " runs. Its page: " << page.link() << "\n"
            << (page.set_up()
                    ? "Log in there as an administrator.\n"
                    : "The link carries the set-up code; it is good until the node is set up or started anew.\n")
            << "Its certificate's fingerprint (SHA-256): " << page.fingerprint() << "\n"
            << "Stop with Ctrl-C." << std::endl;
}

/// What a node does before anyone has configured anything. `replace`: nobody can mend a broken file here by hand.
ConfigStore::State load_or_begin(ConfigStore& store, const Clock& clock, std::span<const ProbeType* const> catalogue,
                                 bool replace) {
  ConfigStore::State state = store.load(clock.utc_now());
  if (replace && !state.editable) try {
      state = store.replace_broken(clock.utc_now());
    } catch (const Error&) {
      // As it is then: its sentence says what runs, and that nothing can be changed.
    }
  const bool begin = state.source == ConfigStore::Source::fresh || state.source == ConfigStore::Source::none;
  if (!begin) return state;
  begin_by_itself(state.config, catalogue);
  if (state.source == ConfigStore::Source::fresh) store.save(state.config, clock.utc_now());
  return state;
}

MetricFinder metric_finder(std::span<const ProbeType* const> catalogue) {
  return [catalogue](std::string_view probe, std::string_view key) {
    const auto type = std::ranges::find(catalogue, probe, &ProbeType::name);
    return type == catalogue.end() ? find_standard_metric(key) : find_metric(**type, key);
  };
}

/// A node that only this host can reach is for trying things out: nothing beyond it is suggested.
bool keeps_to_itself(const std::string& listen) {
  const auto address = IpAddress::parse(listen);
  return address && address->is_loopback();
}

/// Why a restored configuration's tests do not fit on this disk; empty = they do.
std::string room_for(const Config& config, std::span<const ProbeType* const> catalogue, const Archive& archive) {
  const auto refused = refuse_beyond_disk(Config{}, config, catalogue, archive.state().limit_octets);
  return refused ? refused->sentence : "";
}

std::string boot_id() { return read_file("/proc/sys/kernel/random/boot_id", 64).value_or(""); }

/// `replace`: where nobody can mend a damaged database by hand it is put aside, and `replaced` tells it.
std::unique_ptr<DurableArchive> open_or_replace(const ArchiveOptions& options, const Clock& clock, bool replace,
                                                std::vector<std::string>& replaced) {
  try {
    return open_archive(options, clock);
  } catch (const JournalError& error) {
    if (!replace || error.kind() != JournalError::Kind::damaged) throw;
    const std::filesystem::path aside = options.directory.string() + ".damaged";
    std::filesystem::remove_all(aside);
    std::filesystem::rename(options.directory, aside);
    replaced.push_back("What was measured before cannot be read: " + std::string(error.what()) +
                       " It was put aside in " + aside.string() +
                       ", and a new archive was begun. Measuring goes on; restore a backup if you have one.");
    return open_archive(options, clock);
  }
}

/// The web server closes what it listens on; the next round gets another copy.
std::vector<web::ListenOn> copies_of(std::vector<web::ListenOn> sockets) {
  for (web::ListenOn& at : sockets) at.socket = ::fcntl(at.socket, F_DUPFD_CLOEXEC, 0);
  return sockets;
}

/// Addresses come and go: the certificate follows.
void renew_or_tell(Page& page, const Log& log) {
  try {
    if (page.renew_certificate()) log.info("the page has a new certificate", {{"fingerprint", page.fingerprint()}});
  } catch (const Error& error) {
    log.warning("the page keeps its certificate of before", {{"why", error.what()}});
  }
}

/// One life of the node, from its folder to its end. True = it is to begin anew: another state takes its place.
bool live_once(const RunOptions& options, std::span<const ProbeType* const> catalogue,
               const std::vector<web::ListenOn>& inherited) {
  const Log log(stderr_sink(), "sonde");
  const DataFolder folder(options.data);
  if (finish_restore(folder.path())) log.warning("a restored state has taken its place; what was there is kept");
  LinuxClock clock;
  ConfigStore store(folder.path(), catalogue);
  const ConfigStore::State loaded = load_or_begin(store, clock, catalogue, options.appliance);
  std::vector<std::string> replaced;
  if (loaded.editable && !loaded.sentence.empty()) replaced.push_back(loaded.sentence);
  const auto archive = open_or_replace({.directory = folder.path() / "archive",
                                        .log = log.with("part", "archive"),
                                        .find_metric = metric_finder(catalogue),
                                        .disk_limit_octets = loaded.config.settings.disk_limit_octets,
                                        .boot_id = boot_id()},
                                       clock, options.appliance, replaced);
  for (const std::string& sentence : replaced) log.error(sentence);
  TaskLoop tasks(clock);
  auto loops = make_loops(clock, log.with("part", "loop"), loaded.config.settings.spin);
  std::vector<LoopSeat> seats;
  for (const auto& loop : loops) seats.push_back(loop->seat());

  const auto host =
      options.appliance ? std::make_unique<HostDoor>(HostDoor::Parts{.log = log.with("part", "host")}) : nullptr;
  LiveNode node({.catalogue = catalogue,
                 .clock = &clock,
                 .tasks = &tasks,
                 .archive = archive.get(),
                 .seats = seats,
                 .store = &store,
                 .loaded = loaded,
                 .replaced = replaced,
                 .log = log,
                 .data_folder = folder.path().string(),
                 .host = host.get(),
                 .as_table = (folder.path() / "as.csv").string(),
                 .port_offset = options.port_offset,
                 .offer_tests = !keeps_to_itself(options.listen)});
  const auto slot = std::make_shared<SlotDoor>(
      SlotDoor::Parts{.tasks = &tasks, .slot = &node.slot(), .limits = [&node] { return node.limits(); }});
  Responders responders({.loop = seats.back().loop,
                         .random = seats.back().random,
                         .clock = &clock,
                         .log = log,
                         .address = options.listen,
                         .port_offset = options.port_offset,
                         .test_ports = loaded.config.settings.test_ports,
                         .limits = [&node] { return node.limits(); },
                         .slot = slot});
  std::stop_source stop;
  std::atomic<bool> again{false};
  const auto restart = [&] {
    tasks.post([&] {
      tasks.at(clock.steady_now() + kFarewell, [&] {
        again = true;
        stop.request_stop();
      });
    });
  };
  Backups backups({.data = folder.path(),
                   .version = std::string(version()),
                   .clock = &clock,
                   .probes = catalogue,
                   .copy_archive = [&](const auto& to, std::stop_token over) { archive->copy_to(to, std::move(over)); },
                   .config = [&node] { return node.snapshot()->config; },
                   .refuse = [&](const Config& config) { return room_for(config, catalogue, *archive); },
                   .restart = restart,
                   .log = log.with("part", "backup")});
  Page page({.data = folder.path(),
             .address = options.listen,
             .port = options.web_port != 0 ? options.web_port
                     : options.appliance   ? kAppliancePort
                                           : kWebPort,
             .plain_port = options.appliance ? kPlainPort : std::uint16_t{0},
             .port_offset = options.port_offset,
             .inherited = copies_of(inherited),
             .node = &node,
             .clock = &clock,
             .backups = &backups,
             .machine = host.get(),
             .log = log.with("part", "web")});
  node.watch_ports([&] {
    return Doors{page.listening(), page.listening_plain(), responders.owamp(), responders.throughput()};
  });
  responders.start();
  node.start();
  page.start();
  for (const auto& loop : loops) loop->start();
  greet(page);

  Worker certificates(1);
  std::function<void()> look_at_certificate = [&] {
    certificates.post([&] { renew_or_tell(page, log); });
    tasks.at(clock.steady_now() + kCertificateLook, look_at_certificate);
  };
  tasks.post(look_at_certificate);
  const auto signals = watch_signals(stop, tasks);
  tasks.run(stop.get_token());
  log.info("stopping: running tests end, what they measured is stored");
  backups.stop();
  if (host) host->stop();
  page.stop();
  node.stop();
  for (const auto& loop : loops) loop->stop();
  tasks.turn();
  archive->flush();
  return again;
}

}  // namespace

int run_appliance(const RunOptions& options, std::span<const ProbeType* const> catalogue) {
  // Each of the web server's many threads would keep what its largest answer took for itself.
  mallopt(M_ARENA_MAX, 4);
  const auto inherited = web::inherited_sockets();
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  settle_privileges();
  while (live_once(options, catalogue, inherited)) {
  }
  return 0;
}

}  // namespace sonde
