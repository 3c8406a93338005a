#include <algorithm>
#include <charconv>
#include <sstream>

#include "core/host/host_reading.h"

namespace sonde {
namespace {

constexpr std::size_t kStat = 4096;
constexpr std::size_t kIdle = 3, kWaiting = 4, kSteal = 7,
                      kFields = 8;  // of "cpu user nice system idle iowait irq softirq steal"

bool is_core(const std::string& name) {
  return name.size() > 3 && name.starts_with("cpu") &&
         std::all_of(name.begin() + 3, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<CpuTicks> read_ticks(const HostRoots& roots) {
  std::istringstream in(read_start(roots.proc + "/stat", kStat).value_or(""));
  std::string name;
  if (!(in >> name) || name != "cpu") return std::nullopt;
  CpuTicks ticks;
  for (std::size_t i = 0; i < kFields; ++i) {
    std::uint64_t field = 0;
    if (!(in >> field)) return std::nullopt;
    ticks.all += field;
    if (i == kIdle || i == kWaiting) ticks.idle += field;
    if (i == kSteal) ticks.steal = field;
  }
  return ticks;
}

/// "0-3,8" as 5.
int count_of(const std::string& ranges) {
  int count = 0;
  std::istringstream in(ranges);
  for (std::string range; std::getline(in, range, ',');) {
    int first = 0, last = 0;
    const char* const end = range.data() + range.size();
    const auto begun = std::from_chars(range.data(), end, first);
    if (begun.ec != std::errc()) return 0;
    last = first;
    if (begun.ptr != end && std::from_chars(begun.ptr + 1, end, last).ec != std::errc()) return 0;
    count += std::max(0, last - first + 1);
  }
  return count;
}

std::vector<IdleState> read_idle_states(const std::string& core) {
  std::vector<IdleState> states;
  for (const std::string& name : names_in(core + "/cpuidle")) {
    const std::string state = core + "/cpuidle/" + name;
    const auto exit = read_number(state + "/latency");
    if (!name.starts_with("state") || !exit) continue;
    states.push_back({read_line(state + "/name").value_or(name), std::chrono::microseconds(*exit),
                      read_number(state + "/disable").value_or(0) == 0});
  }
  return states;
}

}  // namespace

CpuFacts read_cpu(const HostRoots& roots) {
  CpuFacts cpu;
  cpu.ticks = read_ticks(roots);
  const std::string folder = roots.sys + "/devices/system/cpu/";
  cpu.cores = count_of(read_line(folder + "online").value_or(""));
  for (const std::string& name : names_in(folder)) {
    if (!is_core(name)) continue;
    if (const auto governor = read_line(folder + name + "/cpufreq/scaling_governor")) ++cpu.governors[*governor];
    if (cpu.idle_states.empty()) cpu.idle_states = read_idle_states(folder + name);
  }
  return cpu;
}

}  // namespace sonde
