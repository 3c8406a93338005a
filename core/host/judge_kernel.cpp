// Settings of the kernel that every connection and socket of this host shares.
#include <algorithm>
#include <charconv>

#include "core/host/judging.h"

namespace sonde {
namespace {

using State = Finding::State;

constexpr std::uint64_t kSocketBuffer = 4 << 20;  ///< what the node asks for each socket of a packet test
constexpr double kLongPath = 0.1;                 ///< seconds of round trip
constexpr double kFast = 10e9, kSlow = 1e9;       ///< bit/s that a host is held to, at most and at least

const std::string* find(const HostFacts& facts, const std::string& name) {
  const auto found = facts.settings.find(name);
  return found == facts.settings.end() ? nullptr : &found->second;
}

/// The last number of a setting: the most, where there are three.
std::optional<std::uint64_t> most_of(const HostFacts& facts, const std::string& name) {
  const std::string* text = find(facts, name);
  if (text == nullptr || text->empty()) return std::nullopt;
  const auto words = words_of(*text);
  std::uint64_t value = 0;
  const std::string& last = words.back();
  if (std::from_chars(last.data(), last.data() + last.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

/// A setting that a network namespace of its own does not show.
Finding not_shown(Finding f) {
  f.is = "not shown here: it belongs to the host around this network namespace";
  f.how = "Look at it on the host itself.";
  return f;
}

Finding socket_buffers(const HostFacts& facts) {
  Finding f{.key = "kernel.socket_buffers", .title = "Socket buffers"};
  f.should = "4.19 MB and more in both directions";
  f.why =
      "The node asks 4.19 MB for each socket of a packet test. What comes while it is not running waits there; what "
      "finds no room is dropped by this host and counted as not measured.";
  const auto receive = most_of(facts, "net.core.rmem_max"), send = most_of(facts, "net.core.wmem_max");
  if (!receive || !send) return not_shown(std::move(f));
  f.is = "a program may ask for " + octets_text(*receive) + " to receive and " + octets_text(*send) + " to send";
  f.state = *receive >= kSocketBuffer && *send >= kSocketBuffer ? State::good : State::watch;
  f.how = kKeepSettings;
  f.command = sysctl_command(facts, {"net.core.rmem_max", "net.core.wmem_max"});
  f.rows = {"net.core.rmem_max", "net.core.wmem_max"};
  return f;
}

/// What TCP from here should be able to fill: the fastest link, where that is told.
double wanted_rate(const HostFacts& facts) {
  double fastest = 0;
  for (const NicFacts& nic : facts.nics)
    if (nic.is_device && nic.speed_bps) fastest = std::max(fastest, static_cast<double>(*nic.speed_bps));
  return fastest == 0 ? kFast : std::clamp(fastest, kSlow, kFast);
}

Finding tcp_buffers(const HostFacts& facts) {
  const double wanted = wanted_rate(facts);
  Finding f{.key = "kernel.tcp_buffers", .title = "TCP buffers"};
  f.should = "enough for " + rate_text(wanted) +
             " over a round trip of 100 ms: " + octets_text(static_cast<std::uint64_t>(wanted * kLongPath / 8)) +
             " of window";
  f.why =
      "TCP has at most one window under way in a round trip. If the buffer is smaller than rate × round trip, a "
      "throughput test measures the buffer and calls it the path. About half of a buffer becomes window.";
  const auto receive = most_of(facts, "net.ipv4.tcp_rmem"), send = most_of(facts, "net.ipv4.tcp_wmem");
  if (!receive || !send) return not_shown(std::move(f));
  const std::uint64_t window = std::min(*receive, *send) / 2;
  const double rate = static_cast<double>(window) * 8 / kLongPath;
  f.is = "up to " + octets_text(window) + " of window, enough for " + rate_text(rate) + " over 100 ms";
  f.state = rate >= wanted ? State::good : State::watch;
  f.how = kKeepSettings;
  f.command = sysctl_command(facts, {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"});
  f.rows = {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"};
  return f;
}

Finding backlog(const HostFacts& facts) {
  Finding f{.key = "kernel.backlog", .title = "Packets dropped before a core"};
  f.should = "none";
  f.why =
      "Where packets come faster than a core takes them they wait in a short queue. What overflows it is lost in "
      "this host, and blamed on the path.";
  f.is = facts.backlog_dropped == 0 ? "none since boot" : std::to_string(facts.backlog_dropped) + " since boot";
  if (const auto room = most_of(facts, "net.core.netdev_max_backlog"))
    f.is += "; room for " + std::to_string(*room) + " before each core";
  f.state = facts.backlog_dropped == 0 ? State::good : State::watch;
  f.how = kKeepSettings;
  f.command = sysctl_command(facts, {"net.core.netdev_max_backlog"});
  f.rows = {"net.core.netdev_max_backlog"};
  return f;
}

Finding congestion(const HostFacts& facts) {
  const TuningRow& row = *tuning_row("net.ipv4.tcp_allowed_congestion_control");
  Finding f{.key = "kernel.congestion", .title = "Congestion control"};
  f.should = "cubic and bbr both allowed, whichever is the default";
  f.why =
      "Where bbr is much quicker than cubic, loss holds the path back; where both are alike, capacity does. The "
      "default stays what ordinary hosts use, so that a test sees what users see.";
  const std::string* by_default = find(facts, "net.ipv4.tcp_congestion_control");
  const std::string* allowed = find(facts, std::string(row.key));
  if (by_default == nullptr || allowed == nullptr) return not_shown(std::move(f));
  f.is = *by_default + " by default; a test may choose " + listed(words_of(*allowed));
  f.state = is_good_enough(row, *allowed) ? State::good : State::watch;
  f.how = "Load the module, now and at each start, and allow both to programs that have no right to choose.";
  f.command = "modprobe tcp_bbr\necho tcp_bbr > /etc/modules-load.d/tcp_bbr.conf\n" + sysctl_command(facts, {row.key});
  f.rows = {row.key};
  return f;
}

Finding features(const HostFacts& facts) {
  static constexpr std::pair<const char*, const char*> kFeatures[] = {
      {"net.ipv4.tcp_window_scaling", "window scaling"},
      {"net.ipv4.tcp_sack", "selective acknowledgements"},
      {"net.ipv4.tcp_timestamps", "time stamps"},
      {"net.ipv4.tcp_moderate_rcvbuf", "growing receive buffers"},
  };
  Finding f{.key = "kernel.tcp_features", .title = "Parts of TCP"};
  f.should = "window scaling, selective acknowledgements, time stamps and growing buffers on, as the kernel has them";
  f.why =
      "Without window scaling no window passes 64 kB, which is 5 Mbit/s over 100 ms; without the others each loss "
      "costs more. A throughput test then measures a TCP that hardly anyone has.";
  std::vector<std::string> off, settings;
  bool shown = false, scaling = true;
  for (const auto& [name, words] : kFeatures) {
    const std::string* value = find(facts, name);
    shown = shown || value != nullptr;
    if (value == nullptr || *value != "0") continue;
    off.emplace_back(words);
    settings.emplace_back(name);
    if (std::string_view(name).ends_with("window_scaling")) scaling = false;
  }
  if (!shown) return not_shown(std::move(f));
  f.is = off.empty() ? "all on" : listed(off) + " off";
  f.state = off.empty() ? State::good : scaling ? State::watch : State::bad;
  f.how = "Switch them on again, and remove the lines that switch them off.";
  f.command = "sysctl -w";
  for (const std::string& name : settings) f.command += " " + name + "=1";
  f.command += "\ngrep -r tcp_ /etc/sysctl.conf /etc/sysctl.d";
  return f;
}

Finding memory_of_tcp(const HostFacts& facts) {
  Finding f{.key = "kernel.tcp_memory", .title = "What TCP remembers of a host"};
  f.should = "nothing: each connection begins like the first";
  f.why = tuning_row("net.ipv4.tcp_no_metrics_save")->why;
  const std::string* value = find(facts, "net.ipv4.tcp_no_metrics_save");
  if (value == nullptr) return not_shown(std::move(f));
  f.is = *value == "0" ? "round trip, window and threshold of the last connection" : "nothing";
  f.state = *value == "0" ? State::watch : State::good;
  f.how = kKeepSettings;
  f.command = sysctl_command(facts, {"net.ipv4.tcp_no_metrics_save"});
  f.rows = {"net.ipv4.tcp_no_metrics_save"};
  return f;
}

}  // namespace

void judge_kernel(const HostFacts& facts, Findings& out) {
  out.push_back(socket_buffers(facts));
  out.push_back(tcp_buffers(facts));
  out.push_back(backlog(facts));
  out.push_back(congestion(facts));
  out.push_back(features(facts));
  out.push_back(memory_of_tcp(facts));
}

}  // namespace sonde
