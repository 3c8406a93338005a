// What the root helper does with a row of the table. Everything written is a value of the table or made from what the
// kernel itself says: nothing that came from outside.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/error.h"
#include "core/host/tuning.h"
#include "core/net/linux_socket.h"

namespace sonde {
namespace {

using Kind = TuningRow::Kind;

/// 0 or an errno. The file must be there: the kernel's own are never made.
int write_text(const std::string& path, const std::string& text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file) return errno;
  const ssize_t n = ::write(file.get(), text.data(), text.size());
  if (n < 0) return errno;
  return static_cast<std::size_t>(n) == text.size() ? 0 : EIO;
}

/// Gathers what was changed and what refused.
class Told {
 public:
  explicit Told(const TuningRow& row) : title_(row.title) {}
  void note(const std::string& what, const std::string& value, int refused) {
    if (refused == 0)
      changed_ += (changed_.empty() ? "" : ", ") + what + " = " + value;
    else
      refused_ += (refused_.empty() ? "" : "; ") + what + " refused " + value + ": " + errno_text(refused);
  }
  TuningOutcome outcome() const {
    if (!refused_.empty())
      return {false, title_ + ": " + refused_ + "." + (changed_.empty() ? "" : " Changed: " + changed_ + ".")};
    return {true, title_ + ": " + (changed_.empty() ? "nothing was to do." : changed_ + ".")};
  }

 private:
  std::string title_, changed_, refused_;
};

/// A congestion control is there for all once a socket of root's has asked for it: the kernel loads its module.
void load_congestion_controls(const TuningRow& row) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return;
  for (const std::string& name : words_of(std::string(row.value)))
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_CONGESTION, name.data(), static_cast<socklen_t>(name.size()));
}

void apply_setting(const TuningRow& row, const HostRoots& roots, Told& told) {
  const std::string file = setting_file(roots, row.key);
  const auto line = read_line(file);
  if (!line) return told.note(std::string(row.key), std::string(row.value), ENOENT);
  std::string now;
  for (const std::string& word : words_of(*line)) now += (now.empty() ? "" : " ") + word;
  const std::string wanted = wanted_text(row, now);
  if (wanted == now) return;
  if (row.rule == TuningRow::Rule::has_words) load_congestion_controls(row);
  told.note(std::string(row.key), wanted, write_text(file, wanted));
}

void apply_to_nics(const TuningRow& row, const HostSources& sources, Told& told) {
  using Knob = NicDoor::Knob;
  for (const NicFacts& nic : read_nics_to_tune(sources)) {
    const auto set = [&](Knob knob, const std::string& value) {
      told.note(nic.name, value, sources.nic_door.set ? sources.nic_door.set(nic, knob, value) : EOPNOTSUPP);
    };
    HostFacts alone;
    alone.nics = {nic};
    const TuningState state = state_of(row, alone);
    if (!state.known || state.meets) continue;
    // "mq" makes its inner queues anew, by the default that the row before this one has set.
    if (row.kind == Kind::queueing) set(Knob::queueing, nic.queueing == "mq" ? "mq" : std::string(row.value));
    if (row.kind == Kind::receive_ring) set(Knob::receive_ring, std::to_string(nic.ring->receive_most));
    if (row.kind == Kind::lro) set(Knob::lro, "0");
    if (row.kind == Kind::receive_wait)
      set(Knob::receive_wait_us, std::to_string(std::min(nic.coalescing->receive_us, kReceiveWaitUs)));
  }
}

void apply_to_cores(const TuningRow& row, const HostRoots& roots, Told& told) {
  const std::string folder = roots.sys + "/devices/system/cpu/";
  for (const std::string& core : names_in(folder)) {
    if (!core.starts_with("cpu")) continue;
    if (row.kind == Kind::governor) {
      const std::string file = folder + core + "/cpufreq/scaling_governor";
      const auto now = read_line(file);
      if (now && *now != row.value) told.note(core, std::string(row.value), write_text(file, std::string(row.value)));
      continue;
    }
    for (const std::string& state : names_in(folder + core + "/cpuidle")) {
      const std::string place = folder + core + "/cpuidle/" + state;
      const auto exit_us = read_number(place + "/latency");
      if (!exit_us || std::chrono::microseconds(*exit_us) <= kDeepIdle) continue;
      if (read_number(place + "/disable").value_or(1) == 0)
        told.note(core + " " + state, "not slept in", write_text(place + "/disable", "1"));
    }
  }
}

}  // namespace

TuningOutcome apply(const TuningRow& row, const HostSources& sources) {
  Told told(row);
  try {
    if (row.kind == Kind::setting)
      apply_setting(row, sources.roots, told);
    else if (row.kind == Kind::governor || row.kind == Kind::idle)
      apply_to_cores(row, sources.roots, told);
    else
      apply_to_nics(row, sources, told);
  } catch (const Error& error) {
    return {false, std::string(row.title) + ": " + error.what() + "."};
  }
  return told.outcome();
}

std::vector<TuningOutcome> apply_at_boot(const HostSources& sources) {
  std::vector<TuningOutcome> outcomes;
  for (const TuningRow& row : tuning_table())
    if (row.at_boot) outcomes.push_back(apply(row, sources));
  return outcomes;
}

}  // namespace sonde
