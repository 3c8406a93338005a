#include "core/host/tuning.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace sonde {
namespace {

using Kind = TuningRow::Kind;
using Rule = TuningRow::Rule;

// 256 MiB: TCP counts about half of a buffer as window, and 10 Gbit/s over 100 ms has 125 MB under way.
constexpr std::array kTable = {
    TuningRow{"net.core.rmem_max", "Largest receive buffer that a program may ask for", Kind::setting, Rule::at_least,
              "268435456",
              "The node asks 4 MiB for each socket of a packet test, iperf3 -w asks more. What comes while the program "
              "is not running waits in this buffer; beyond it packets are dropped by this host."},
    TuningRow{"net.core.wmem_max", "Largest send buffer that a program may ask for", Kind::setting, Rule::at_least,
              "268435456", "The same for sending: a window that was asked for is only reached if it may be."},
    TuningRow{
        "net.ipv4.tcp_rmem", "TCP receive buffer: least, first, most", Kind::setting, Rule::at_least,
        "4096 131072 268435456",
        "The kernel grows the buffer of a connection to this at most. Half of it becomes window: 125 MB are under "
        "way at 10 Gbit/s over 100 ms. Connections that need less take less."},
    TuningRow{"net.ipv4.tcp_wmem", "TCP send buffer: least, first, most", Kind::setting, Rule::at_least,
              "4096 16384 268435456",
              "What was sent and not yet acknowledged waits here; it must hold a whole window."},
    TuningRow{"net.core.netdev_max_backlog", "Packets that may wait for a core", Kind::setting, Rule::at_least, "30000",
              "Where a NIC or a veth pair hands packets over faster than a core takes them, they wait in this queue. "
              "What overflows it is lost in this host and blamed on the path."},
    TuningRow{
        "net.core.default_qdisc", "Sending queue of new interfaces", Kind::setting, Rule::exactly, "fq",
        "fq sends TCP's packets at TCP's pace and gives each stream its turn, so that a heavy test does not stand "
        "before a light one inside this host."},
    TuningRow{"nic.queueing", "Sending queue of the measuring NICs", Kind::queueing, Rule::exactly, "fq",
              "The default is taken when an interface comes up; this brings it to those that are up already."},
    TuningRow{"net.ipv4.tcp_no_metrics_save", "Forget each TCP connection", Kind::setting, Rule::exactly, "1",
              "Else the kernel begins a connection with the threshold that the last one to the same host ended with, "
              "and a throughput test measures the memory of the one before it."},
    TuningRow{"net.ipv4.tcp_allowed_congestion_control", "Congestion controls that a program may choose", Kind::setting,
              Rule::has_words, "cubic bbr",
              "The node has no right to choose others. Tests that name bbr or cubic can then be compared; the default "
              "stays what ordinary hosts use."},
    TuningRow{"nic.receive_ring", "Receive ring of the measuring NICs", Kind::receive_ring, Rule::exactly,
              "the most that the NIC has",
              "A burst that arrives while the host is busy waits in the ring; what overflows it looks like loss of the "
              "network. More room delays nothing while the host keeps up. The sending ring is left alone: more room "
              "there only means more waiting. Some NICs lose the link for a second when it is changed."},
    TuningRow{"nic.lro", "Large receive offload (LRO)", Kind::lro, Rule::exactly, "off",
              "LRO joins segments inside the NIC and forgets where each began: counts and gaps of packets are then the "
              "NIC's invention. GRO, which joins without losing anything, stays on."},
    TuningRow{
        "nic.receive_wait", "How long a receive interrupt waits", Kind::receive_wait, Rule::at_most, "10",
        "In µs, and not adaptive. The kernel stamps a packet when the interrupt comes; the wait is added to every "
        "delay, and an adaptive one changes with the load as a queue in the network would."},
    TuningRow{"cpu.governor", "Frequency of the cores", Kind::governor, Rule::exactly, "performance",
              "A core that was clocked down takes longer for the first packet after a pause than for the next ones."},
    TuningRow{"cpu.idle", "Depth of a core's sleep", Kind::idle, Rule::at_most, "50",
              "In µs until it is awake. A packet that meets a sleeping core is stamped only once it is awake. Shallow "
              "sleep costs power and heat, so this is done by hand only.",
              false},
};

std::vector<std::uint64_t> numbers_of(const std::string& text) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& word : words_of(text)) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size()) return {};
    numbers.push_back(number);
  }
  return numbers;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(between)) + part;
  return text;
}

/// The state of something that each NIC has: `value` empty = this NIC does not offer it.
template <typename Value, typename Meets>
TuningState of_nics(const TuningRow& row, const HostFacts& facts, const Value& value, const Meets& meets) {
  TuningState state{.row = &row};
  std::vector<std::string> parts;
  for (const NicFacts& nic : facts.nics) {
    const std::optional<std::string> now = value(nic);
    if (!now) continue;
    parts.push_back(nic.name + " " + *now);
    state.meets = state.meets && meets(nic);
  }
  state.known = !parts.empty();
  state.now = parts.empty() ? "not offered here" : joined(parts, ", ");
  return state;
}

TuningState of_setting(const TuningRow& row, const HostFacts& facts) {
  const auto found = facts.settings.find(std::string(row.key));
  if (found == facts.settings.end()) return {&row, "not shown here", true, false};
  return {&row, found->second, is_good_enough(row, found->second), true};
}

TuningState of_governor(const TuningRow& row, const HostFacts& facts) {
  TuningState state{.row = &row, .now = "not offered here", .known = !facts.cpu.governors.empty()};
  std::vector<std::string> parts;
  for (const auto& [name, cores] : facts.cpu.governors) {
    parts.push_back(name + (facts.cpu.governors.size() > 1 ? " on " + std::to_string(cores) : ""));
    state.meets = state.meets && name == row.value;
  }
  if (state.known) state.now = joined(parts, ", ");
  return state;
}

TuningState of_idle(const TuningRow& row, const HostFacts& facts) {
  if (facts.cpu.idle_states.empty()) return {&row, "not offered here", true, false};
  Duration deepest{};
  for (const IdleState& one : facts.cpu.idle_states)
    if (one.allowed) deepest = std::max(deepest, one.exit);
  return {&row, std::to_string(deepest / std::chrono::microseconds(1)), deepest <= kDeepIdle, true};
}

TuningState of_queueing(const TuningRow& row, const HostFacts& facts) {
  return of_nics(
      row, facts,
      [](const NicFacts& nic) -> std::optional<std::string> {
        if (!nic.is_device || nic.queueing.empty() || nic.queueing == "noqueue") return std::nullopt;
        const std::set<std::string> inner(nic.inner_queueing.begin(), nic.inner_queueing.end());
        return nic.queueing + (inner.empty() ? "" : " of " + joined({inner.begin(), inner.end()}, ", "));
      },
      [&](const NicFacts& nic) { return sends_by(nic, row.value); });
}

}  // namespace

std::span<const TuningRow> tuning_table() { return kTable; }

const TuningRow* tuning_row(std::string_view key) {
  const auto found = std::ranges::find(kTable, key, &TuningRow::key);
  return found == kTable.end() ? nullptr : &*found;
}

bool sends_by(const NicFacts& nic, std::string_view kind) {
  if (nic.queueing == kind) return true;
  return nic.queueing == "mq" && !nic.inner_queueing.empty() &&
         std::ranges::all_of(nic.inner_queueing, [&](const std::string& one) { return one == kind; });
}

bool is_good_enough(const TuningRow& row, const std::string& now) { return wanted_text(row, now) == now; }

std::string wanted_text(const TuningRow& row, const std::string& now) {
  const std::string value(row.value);
  if (row.rule == Rule::has_words) {
    auto words = words_of(now);
    for (std::string& word : words_of(value))
      if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
    return joined(words, " ");
  }
  if (row.rule == Rule::exactly) return value;
  const auto is = numbers_of(now), wanted = numbers_of(value);
  if (is.size() != wanted.size()) return value;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < is.size(); ++i)
    parts.push_back(
        std::to_string(row.rule == Rule::at_least ? std::max(is[i], wanted[i]) : std::min(is[i], wanted[i])));
  return joined(parts, " ");
}

std::string setting_file(const HostRoots& roots, std::string_view name) {
  std::string path(name);
  std::ranges::replace(path, '.', '/');
  return roots.proc + "/sys/" + path;
}

TuningState state_of(const TuningRow& row, const HostFacts& facts) {
  switch (row.kind) {
    case Kind::setting:
      return of_setting(row, facts);
    case Kind::queueing:
      return of_queueing(row, facts);
    case Kind::receive_ring:
      return of_nics(
          row, facts,
          [](const NicFacts& nic) -> std::optional<std::string> {
            if (!nic.ring) return std::nullopt;
            return std::to_string(nic.ring->receive) + " of " + std::to_string(nic.ring->receive_most);
          },
          [](const NicFacts& nic) { return nic.ring->receive >= nic.ring->receive_most; });
    case Kind::lro:
      return of_nics(
          row, facts,
          [](const NicFacts& nic) -> std::optional<std::string> {
            if (!nic.lro) return std::nullopt;
            return *nic.lro ? "on" : "off";
          },
          [](const NicFacts& nic) { return !*nic.lro; });
    case Kind::receive_wait:
      return of_nics(
          row, facts,
          [](const NicFacts& nic) -> std::optional<std::string> {
            if (!nic.coalescing) return std::nullopt;
            return std::to_string(nic.coalescing->receive_us) + (nic.coalescing->adaptive ? ", adaptive" : "");
          },
          [](const NicFacts& nic) {
            return !nic.coalescing->adaptive && nic.coalescing->receive_us <= kReceiveWaitUs;
          });
    case Kind::governor:
      return of_governor(row, facts);
    case Kind::idle:
      return of_idle(row, facts);
  }
  return {&row, "", true, false};
}

std::vector<TuningState> tuning_states(const HostFacts& facts) {
  std::vector<TuningState> states;
  for (const TuningRow& row : kTable) states.push_back(state_of(row, facts));
  return states;
}

}  // namespace sonde
