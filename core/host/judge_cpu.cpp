#include <algorithm>

#include "core/host/judging.h"

namespace sonde {
namespace {

using State = Finding::State;

constexpr double kSomeSteal = 0.01, kMuchSteal = 0.05, kLittleIdle = 0.1;

Finding cores(const CpuFacts& cpu) {
  Finding f{.key = "cpu.cores", .title = "Cores"};
  f.should = "two or more";
  f.why =
      "With one core the packets of a light test wait whenever anything else runs: a heavy test, the archive, the "
      "page.";
  if (cpu.cores == 0) {
    f.is = "not told by this host";
    return f;
  }
  f.is = std::to_string(cpu.cores);
  f.state = cpu.cores > 1 ? State::good : State::watch;
  f.how = "Give the machine a second core.";
  return f;
}

Finding governor(const HostFacts& facts) {
  const CpuFacts& cpu = facts.cpu;
  Finding f{.key = "cpu.governor", .title = "Frequency of the cores"};
  f.should = "the governor performance on all cores";
  f.why = tuning_row("cpu.governor")->why;
  if (cpu.governors.empty()) {
    f.is = facts.machine.virtual_machine ? "not offered to this virtual machine: its host decides"
                                         : "not offered: the firmware decides, or no driver is loaded";
    f.how = facts.machine.virtual_machine ? "Set it on the host under this machine."
                                          : "Choose the firmware's profile for performance.";
    return f;
  }
  const TuningState state = state_of(*tuning_row("cpu.governor"), facts);
  f.is = state.now;
  f.state = state.meets ? State::good : State::watch;
  f.how =
      "Set it for all cores; the package cpufrequtils keeps it with GOVERNOR=\"performance\" in "
      "/etc/default/cpufrequtils.";
  f.command = "echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor";
  f.rows = {"cpu.governor"};
  return f;
}

Finding sleep(const CpuFacts& cpu) {
  Finding f{.key = "cpu.idle", .title = "Sleep of the cores"};
  f.should = "awake again within " + format_duration(kDeepIdle);
  f.why =
      "A packet that meets a sleeping core is stamped only once it is awake: the time to wake is added to the delay, "
      "and mostly on quiet hosts, so that light tests see more of it than heavy ones.";
  if (cpu.idle_states.empty()) {
    f.is = "not told by this host";
    return f;
  }
  const IdleState* deepest = nullptr;
  for (const IdleState& one : cpu.idle_states)
    if (one.allowed && (deepest == nullptr || one.exit > deepest->exit)) deepest = &one;
  f.is = deepest == nullptr ? "they do not sleep"
                            : "as deep as " + deepest->name + ", from which waking takes " +
                                  (deepest->exit == Duration::zero() ? "no time" : format_duration(deepest->exit));
  f.state = deepest != nullptr && deepest->exit > kDeepIdle ? State::watch : State::good;
  f.how = "Forbid the deep states. It costs power and heat; package linux-cpupower has the command.";
  f.command = "cpupower idle-set --disable-by-latency " + std::to_string(kDeepIdle / std::chrono::microseconds(1));
  f.rows = {"cpu.idle"};
  return f;
}

Finding steal(const std::optional<CpuStretch>& stretch) {
  Finding f{.key = "cpu.steal", .title = "CPU taken by the hypervisor"};
  f.should = "less than 1 %";
  f.why =
      "While other virtual machines run on its cores this one stands still: packets leave late and are stamped late, "
      "by milliseconds, and no clock shows it.";
  f.how = "Ask who runs the machine for cores of its own, or measure from a real one.";
  f.command = "vmstat 1 10    # the column st";
  if (!stretch) {
    f.is = "not known yet: it takes two readings some time apart";
    f.how = f.command = "";
    return f;
  }
  f.is = share_text(stretch->steal) + " in the last " +
         format_duration(std::chrono::round<std::chrono::seconds>(stretch->length));
  f.state = stretch->steal >= kMuchSteal ? State::bad : stretch->steal >= kSomeSteal ? State::watch : State::good;
  return f;
}

Finding busy(const std::optional<CpuStretch>& stretch) {
  Finding f{.key = "cpu.idle_share", .title = "CPU to spare"};
  f.should = "more than 10 %";
  f.why =
      "When other programs take the cores, packets are sent late and wait to be received. Each result says how late, "
      "but better is that they are not.";
  f.how = "Find what takes it, and move it elsewhere: a measuring host does nothing else.";
  f.command = "top -o %CPU";
  if (!stretch) {
    f.is = "not known yet: it takes two readings some time apart";
    f.how = f.command = "";
    return f;
  }
  f.is = share_text(stretch->idle) + " in the last " +
         format_duration(std::chrono::round<std::chrono::seconds>(stretch->length));
  f.state = stretch->idle < kLittleIdle ? State::watch : State::good;
  return f;
}

Finding real_time(const CpuFacts& cpu) {
  Finding f{.key = "cpu.real_time", .title = "Real-time priority"};
  f.should = "allowed";
  f.is = cpu.real_time ? "allowed" : "not allowed to this program";
  f.why =
      "With it the loop that sends packets runs as soon as one is due, whatever else runs; without, it waits its turn "
      "for up to some milliseconds, and never spins.";
  f.state = cpu.real_time ? State::good : State::watch;
  f.how = "Start the node as root, or give its program the three rights that it keeps.";
  f.command = "setcap cap_net_raw,cap_net_bind_service,cap_sys_nice+ep \"$(command -v sonde)\"";
  return f;
}

}  // namespace

void judge_cpu(const HostFacts& facts, const std::optional<CpuStretch>& stretch, Findings& out) {
  out.push_back(cores(facts.cpu));
  out.push_back(steal(stretch));
  out.push_back(busy(stretch));
  out.push_back(real_time(facts.cpu));
  out.push_back(governor(facts));
  out.push_back(sleep(facts.cpu));
}

}  // namespace sonde
