#include "appliance/host_daemon.h"

#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <iostream>

#include "appliance/host_log.h"
#include "appliance/host_places.h"
#include "appliance/host_words.h"
#include "appliance/linux_data_machine.h"
#include "appliance/setup_commands.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/host/tuning.h"

namespace sonde {
namespace {

using std::chrono::steady_clock;

constexpr auto kEvery = std::chrono::seconds(2);
constexpr auto kDrivers = std::chrono::seconds(120);
constexpr std::size_t kMostRequest = 64 << 10;

volatile sig_atomic_t told_to_stop = 0;

uid_t node_user() {
  const passwd* entry = ::getpwnam(host::kUser);
  if (!entry) throw Error("There is no user sonde here: the root helper is for the live appliance only.");
  return entry->pw_uid;
}

int listen_at(const char* path, uid_t user) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw Error("open", path, errno);
  sockaddr_un address{.sun_family = AF_UNIX};
  std::char_traits<char>::copy(address.sun_path, path, std::char_traits<char>::length(path));
  ::unlink(path);
  const mode_t mask = ::umask(0177);
  const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::umask(mask);
  if (!bound || ::chown(path, user, 0) != 0 || ::listen(socket, 8) != 0) throw Error("listen at", path, errno);
  return socket;
}

/// Who may ask: root and the node. The socket's mode says so too.
bool may_ask(int connection, uid_t user) {
  ucred who{};
  socklen_t size = sizeof who;
  return ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && (who.uid == 0 || who.uid == user);
}

/// Small, and whole within some seconds: nobody else is answered meanwhile.
std::string read_request(int connection) {
  const timeval patience{2, 0};
  const auto until = steady_clock::now() + std::chrono::seconds(5);
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  std::string request;
  std::array<char, 4096> block{};
  for (ssize_t n = 0; request.size() < kMostRequest && steady_clock::now() < until &&
                      (n = ::read(connection, block.data(), block.size())) > 0;)
    request.append(block.data(), static_cast<std::size_t>(n));
  return request;
}

void serve(int listener, uid_t user, HostParts parts) {
  const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) return;
  if (may_ask(connection, user)) {
    const std::string answer = answer_host(read_request(connection), parts);
    std::size_t sent = 0;
    while (sent < answer.size()) {
      const ssize_t n = ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += static_cast<std::size_t>(n);
    }
  }
  ::close(connection);
}

void apply_all(HostNetwork& network) {
  std::string sentence;
  network.apply(read_host_config(sentence));
  for (const std::string& one : network.sentences()) std::cerr << "Sonde: " << one << '\n';
}

/// A medium was there at the start or came now: it may carry the answers to the set-up's questions.
SetupFileOutcome look_for_setup_file(UnattendedSetup& setup, HostData& data, HostWatch& watch) {
  try {
    const bool set_up = node_is_set_up(host::kNodeData);
    watch.expect_silence(true);
    const SetupFileOutcome outcome = setup.look(data, set_up);
    watch.expect_silence(false);
    save_data_state(data.state());
    return outcome;
  } catch (const Error& error) {
    return {error.what(), true, false};
  }
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

/// What became of a set-up file meanwhile. One that was fetched may choose where data are kept.
std::optional<SetupFileOutcome> setup_ended(UnattendedSetup& setup, HostData& data, HostWatch& watch) {
  if (!setup.busy()) return std::nullopt;
  watch.expect_silence(true);
  auto outcome = setup.ended(data);
  watch.expect_silence(false);
  save_data_state(data.state());
  return outcome;
}

}  // namespace

int prepare_host() {
  LinuxDataMachine machine;
  HostData data(machine);
  data.settle();
  save_data_state(data.state());
  if (!data.state().sentence.empty()) std::cerr << "Sonde: " << data.state().sentence << '\n';
  wait_for_drivers();
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
  const uid_t user = node_user();
  const int listener = listen_at(host::kSocket, user);
  LinuxDataMachine machine;
  HostData data(machine, load_data_state());
  HostNetwork network;
  apply_all(network);
  HostWatch watch;
  HostLog log({});
  HostSlotWords slots;
  UnattendedSetup setup;
  SetupFileOutcome setup_file;
  std::vector<std::string> drives, cards;
  const HostParts parts{data, network, watch, slots, setup_file};
  auto next = steady_clock::now();
  while (!told_to_stop) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - steady_clock::now()).count();
    pollfd ready{listener, POLLIN, 0};
    if (left > 0 && ::poll(&ready, 1, static_cast<int>(left)) > 0) serve(listener, user, parts);
    if (steady_clock::now() < next) continue;
    next = steady_clock::now() + kEvery;
    if (const auto now = names_in("/sys/class/net"); now != cards) {
      if (!cards.empty()) apply_all(network);
      cards = names_in("/sys/class/net");  // and VLANs that were made now
    }
    network.follow();
    // An installed system has a data partition: one that cannot use it is not well, whatever its page says.
    const bool well = watch.node_answers() && !data.state().device.empty();
    if (slots.follow(SteadyTime(steady_clock::now().time_since_epoch()), well)) {
      std::cerr << "Sonde: the system on trial is not well; the machine starts the one of before.\n";
      ::kill(1, SIGTERM);
    }
    if (const auto now = names_in("/sys/class/block"); watch.node_answers() && now != drives && !setup.busy()) {
      if (auto outcome = look_for_setup_file(setup, data, watch); !outcome.sentence.empty()) setup_file = outcome;
      drives = names_in("/sys/class/block");  // a formatted one has a partition now
    }
    if (watch.node_answers()) setup.try_address(SteadyTime(steady_clock::now().time_since_epoch()));
    if (auto outcome = setup_ended(setup, data, watch)) {
      // An address is tried again and again; once is enough to say why in vain.
      if (outcome->sentence != setup_file.sentence) std::cerr << "Sonde: " << outcome->sentence << '\n';
      setup_file = *outcome;
      if (setup_file.done) apply_all(network);
    }
    const HostData::State before = data.state();
    const bool others = data.watch(!setup.busy() && !slots.works());
    if (data.state() != before) {
      save_data_state(data.state());
      std::cerr << "Sonde: " << data.state().sentence << '\n';
    }
    if (others) apply_all(network);
    log.follow(SteadyTime(steady_clock::now().time_since_epoch()), !data.state().device.empty());
  }
  log.keep();
  ::unlink(host::kSocket);
  return 0;
}

}  // namespace sonde
