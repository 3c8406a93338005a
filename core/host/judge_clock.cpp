#include <algorithm>

#include "core/host/judging.h"

namespace sonde {
namespace {

using State = Finding::State;
using namespace std::chrono_literals;

constexpr Duration kGoodBound = 10ms;

/// "nobody: why" without its first word, for a sentence that says it already.
std::string reason(const std::string& source) {
  static constexpr std::string_view kNobody = "nobody: ";
  return source.starts_with(kNobody) ? source.substr(kNobody.size()) : source;
}

Finding synchronised(const ClockQuality& clock) {
  Finding f{.key = "clock.synchronised", .title = "Clock"};
  f.should =
      "synchronised by a time service that says how wrong it may be, within 10 ms of UTC (0.1 ms on one's own "
      "network)";
  f.why =
      "A one-way delay is the difference of two clocks and cannot be better than both of their bounds together. "
      "Without a bound only round trips, loss and order can be trusted.";
  f.how = "Run chrony with four or more servers near to you, and look how far it is.";
  f.command = "apt install chrony\nchronyc tracking";
  if (!clock.believed) {
    f.state = State::bad;
    f.is = "not believed: " + reason(clock.source);
  } else if (!clock.synchronised) {
    f.state = State::bad;
    f.is = "not synchronised: " + reason(clock.source);
  } else if (!clock.bound) {
    f.state = State::watch;
    f.is = "synchronised (" + clock.source + "), but nobody says how wrong it may be";
  } else {
    f.state = *clock.bound <= kGoodBound ? State::good : State::watch;
    f.is = "within " + format_duration(*clock.bound) + " of UTC (" + clock.source + ")";
    f.how =
        "Choose time servers nearer to you: half of the round trip to them counts as error. Better still a PTP or "
        "GPS clock of your own.";
    f.command = "chronyc sources -v";
  }
  return f;
}

Finding steps(const ClockFacts& clock) {
  Finding f{.key = "clock.steps", .title = "Steps of the clock"};
  f.should = "none: a time service turns the clock slowly";
  f.why = "A step ends running sessions, and what was measured across it has two time scales.";
  f.how =
      "Let chrony step only at its start, and look in its log for what made it step later. A virtual machine that "
      "is paused or moved steps too.";
  f.command = "grep makestep /etc/chrony/chrony.conf    # good: makestep 1 3\njournalctl -u chrony | grep -i step";
  if (!clock.steps) {
    f.is = "nobody watched: a running node would have";
    f.how = f.command = "";
    return f;
  }
  f.state = *clock.steps == 0 ? State::good : State::watch;
  f.is = (*clock.steps == 0 ? "none" : std::to_string(*clock.steps)) + std::string(" since the node started");
  return f;
}

Finding devices(const ClockFacts& clock, bool virtual_machine) {
  Finding f{.key = "clock.devices", .title = "Time sources of the machine"};
  f.should = "a real-time clock that runs while the machine is off; a PTP clock as well where microseconds matter";
  f.why =
      "Without either the clock starts anywhere after a power cut, and results are in doubt until a time server "
      "answers. A PTP clock of a NIC or of the hypervisor can be better than any server across a network.";
  std::vector<std::string> found;
  for (const TimeDevice& one : clock.ptp)
    found.push_back("PTP clock " + one.name + (one.kind.empty() ? "" : " (" + one.kind + ")"));
  for (const TimeDevice& one : clock.rtc) found.push_back("real-time clock " + one.name);
  f.is = found.empty() ? "neither a real-time clock nor a PTP clock" : listed(found);
  f.state = found.empty() ? State::watch : State::good;
  if (virtual_machine) {
    f.how = "Under KVM the host's clock can be had as a PTP clock, which chrony then reads.";
    f.command =
        "modprobe ptp_kvm\necho ptp_kvm > /etc/modules-load.d/ptp_kvm.conf\n"
        "echo 'refclock PHC /dev/ptp0 poll 2' >> /etc/chrony/chrony.conf\nsystemctl restart chrony";
  } else {
    f.how = "Switch the real-time clock on in the firmware's set-up, or add one; keep chrony's drift file on a disk.";
  }
  return f;
}

Finding source(const ClockFacts& clock) {
  static constexpr std::string_view kQuick[] = {"tsc", "kvm-clock", "arch_sys_counter",
                                                "xen", "hyperv",    "hyperv_clocksource_tsc_page"};
  Finding f{.key = "clock.source", .title = "What the kernel counts time with"};
  f.should = "tsc, or the hypervisor's own page (kvm-clock, hyperv)";
  f.why =
      "Every time stamp reads it. tsc takes 20 ns; hpet and acpi_pm take a microsecond and more, one core at a "
      "time, which makes fast tests late and their stamps rough.";
  if (clock.source.empty()) {
    f.is = "not told by this host";
    return f;
  }
  const bool quick = std::ranges::find(kQuick, clock.source) != std::end(kQuick);
  f.state = quick ? State::good : State::watch;
  f.is = clock.source;
  const bool has_tsc = std::ranges::find(clock.sources, "tsc") != clock.sources.end();
  f.how = has_tsc ? "Go back to tsc, which this machine has; the kernel's log says why it was left."
                  : "The kernel's log says why tsc is not offered; a newer firmware often mends it.";
  f.command = "dmesg | grep -i -e tsc -e clocksource";
  if (has_tsc) f.command += "\necho tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource";
  return f;
}

}  // namespace

void judge_clock(const ClockFacts& clock, bool virtual_machine, Findings& out) {
  out.push_back(synchronised(clock.quality));
  out.push_back(steps(clock));
  out.push_back(devices(clock, virtual_machine));
  out.push_back(source(clock));
}

}  // namespace sonde
