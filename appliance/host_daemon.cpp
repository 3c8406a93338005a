#include "appliance/host_daemon.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>

#include "appliance/host_listener.h"
#include "appliance/host_log.h"
#include "appliance/host_places.h"
#include "appliance/host_programs.h"
#include "appliance/host_words.h"
#include "appliance/linux_data_machine.h"
#include "appliance/setup_commands.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/host/host_reading.h"
#include "core/host/tuning.h"

namespace sonde {
namespace {

using std::chrono::steady_clock;

constexpr auto kEvery = std::chrono::seconds(2);
constexpr auto kDrivers = std::chrono::seconds(120);

volatile sig_atomic_t told_to_stop = 0;

void apply_all(HostNetwork& network) {
  std::string sentence;
  network.apply(read_host_config(sentence));
  for (const std::string& one : network.sentences()) std::cerr << "Sonde: " << one << '\n';
}

/// Drivers are loaded beside this; whoever does it holds the other end of our standard input until it is done. One that
/// hangs keeps nothing else from starting.
void wait_for_drivers() {
  std::array<char, 512> block{};
  const auto until = steady_clock::now() + kDrivers;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now()).count();
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) == 0) break;
    if (::read(STDIN_FILENO, block.data(), block.size()) <= 0) return;
  }
  std::cerr << "Sonde: drivers are still being loaded; the start goes on without them.\n";
}

/// Why a system on trial is not well; empty = it is.
std::string why_unwell(bool node_answers, bool has_data, const HostNetwork& network) {
  if (!node_answers) return "its page does not answer";
  // An installed system has a data partition, whatever its page says.
  if (!has_data) return "it cannot use the data partition";
  if (!network.firewall_in_force()) return "its firewall is not in force";
  const std::string now = HostNetwork::reach();
  for (const char family : read_line(host::kReachBefore).value_or(""))
    if (now.find(family) == std::string::npos)
      return std::string("it has no way out by IPv") + family + ", which the one before had";
  return {};
}

/// What is looked at every other second, one thing after the other.
class HostDaemon {
 public:
  HostParts parts() { return {data_, network_, watch_, slots_, setup_file_}; }
  void begin() {
    step("network", [this] { apply_all(network_); });
  }
  void follow() {
    const SteadyTime now(steady_clock::now().time_since_epoch());
    step("cards", [this] { follow_cards(); });
    step("routes", [&] {
      if (network_.follow(now)) apply_all(network_);
    });
    step("trial", [&] { follow_trial(now); });
    step("media", [this] { follow_media(); });
    step("set-up", [&] { follow_setup(now); });
    step("data", [this] { follow_data(); });
    step("log", [&] { log_.follow(now, !data_.state().device.empty()); });
  }
  void end() { log_.keep(); }

 private:
  /// What fails keeps nothing else from being looked at, and is told once.
  template <typename Look>
  void step(const char* name, Look look) {
    std::string failed;
    try {
      look();
    } catch (const std::exception& error) {
      failed = error.what();
    }
    if (!failed.empty() && failures_[name] != failed) std::cerr << "Sonde: " << failed << '\n';
    failures_[name] = failed;
  }

  void follow_cards() {
    if (names_in("/sys/class/net") == cards_) return;
    if (!cards_.empty()) apply_all(network_);
    cards_ = names_in("/sys/class/net");  // and VLANs that were made now
  }

  void follow_trial(SteadyTime now) {
    if (!slots_.on_trial()) return;
    const std::string why = why_unwell(watch_.node_answers(), !data_.state().device.empty(), network_);
    if (!slots_.follow(now, why)) return;
    std::cerr << "Sonde: the system on trial is not well (" << why << "); the machine starts the one of before.\n";
    ::kill(1, SIGTERM);
  }

  /// A medium was there at the start or came now: it may carry the answers to the set-up's questions.
  void follow_media() {
    if (!watch_.node_answers() || setup_.busy() || names_in("/sys/class/block") == drives_) return;
    bool set_up = false;
    try {
      set_up = node_is_set_up(host::kNodeData);
    } catch (const Error&) {
      return;  // It starts anew at this moment: looked at again soon.
    }
    SetupFileOutcome outcome;
    {
      const HostWatch::Quiet quiet(watch_);
      outcome = setup_.look(data_, set_up);
    }
    save_data_state(data_.state());
    if (!outcome.sentence.empty()) {
      if (outcome.sentence != setup_file_.sentence) std::cerr << "Sonde: " << outcome.sentence << '\n';
      setup_file_ = outcome;
    }
    drives_ = names_in("/sys/class/block");  // a formatted one has a partition now
  }

  /// What became of a set-up file meanwhile. One that was fetched may choose where data are kept.
  void follow_setup(SteadyTime now) {
    if (watch_.node_answers()) setup_.try_address(now);
    if (!setup_.busy()) return;
    const HostWatch::Quiet quiet(watch_);
    const auto outcome = setup_.ended(data_);
    save_data_state(data_.state());
    if (!outcome) return;
    // An address is tried again and again; once is enough to say why in vain.
    if (outcome->sentence != setup_file_.sentence) std::cerr << "Sonde: " << outcome->sentence << '\n';
    setup_file_ = *outcome;
    if (setup_file_.done) apply_all(network_);
    accept_keys(setup_file_.shell_keys, "by a set-up file", network_);
  }

  void follow_data() {
    const HostData::State before = data_.state();
    const bool others = data_.watch(!setup_.busy() && !slots_.works());
    if (data_.state() != before) {
      save_data_state(data_.state());
      std::cerr << "Sonde: " << data_.state().sentence << '\n';
    }
    if (others) apply_all(network_);
  }

  LinuxDataMachine machine_;
  HostData data_{machine_, load_data_state()};
  HostNetwork network_;
  HostWatch watch_;
  HostLog log_{{}};
  HostSlotWords slots_{{}, HostNetwork::remember_reach};
  UnattendedSetup setup_;
  SetupFileOutcome setup_file_;
  std::vector<std::string> drives_, cards_;
  std::map<std::string, std::string> failures_;  ///< by step; empty = it went well
};

}  // namespace

int prepare_host() {
  LinuxDataMachine machine;
  HostData data(machine);
  data.settle();
  save_data_state(data.state());
  if (!data.state().sentence.empty()) std::cerr << "Sonde: " << data.state().sentence << '\n';
  wait_for_drivers();
  if (!std::filesystem::exists("/dev/watchdog")) run_program({"/usr/sbin/modprobe", "-q", "softdog"});
  HostNetwork network;
  apply_all(network);
  apply_at_boot(real_host(host::kNodeData));
  return 0;
}

int run_host_helper() {
  struct sigaction stop {};
  stop.sa_handler = [](int) { told_to_stop = 1; };
  ::sigaction(SIGTERM, &stop, nullptr);
  ::sigaction(SIGINT, &stop, nullptr);
  // A helper that was killed left them held.
  std::error_code none;
  for (const char* const hold : {host::kHold, host::kNetworkHold}) std::filesystem::remove(hold, none);
  const HostListener listener;
  HostDaemon daemon;
  daemon.begin();
  auto next = steady_clock::now();
  while (!told_to_stop) {
    listener.serve(next - steady_clock::now(), daemon.parts());
    if (steady_clock::now() < next) continue;
    next = steady_clock::now() + kEvery;
    daemon.follow();
  }
  daemon.end();
  return 0;
}

}  // namespace sonde
