// What the machine is made of: virtual or not, memory, clocks beside the kernel's, the disk of the archive.
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "core/host/host_reading.h"

namespace sonde {
namespace {

constexpr std::size_t kCpuInfo = 64 << 10, kMemInfo = 64 << 10;

bool has_hypervisor_flag(const HostRoots& roots) {
  std::istringstream lines(read_start(roots.proc + "/cpuinfo", kCpuInfo).value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("flags")) continue;
    const auto flags = words_of(line);
    return std::ranges::find(flags, "hypervisor") != flags.end();
  }
  return false;
}

/// DMI's word for what only hypervisors make; Arm has no flag in cpuinfo.
bool is_hypervisors_board(const std::string& maker) {
  static constexpr const char* kMakers[] = {
      "QEMU",      "VMware", "Xen",        "innotek", "Parallels",   "Bochs",          "Amazon EC2",
      "OpenStack", "KVM",    "VirtualBox", "bhyve",   "Firecracker", "Virtual Machine"};
  return std::ranges::any_of(kMakers, [&](const char* one) { return maker.find(one) != std::string::npos; });
}

std::string container_of(const HostRoots& roots) {
  if (const auto told = read_line(roots.top + "/run/systemd/container"); told && !told->empty()) return *told;
  if (read_start(roots.top + "/run/.containerenv", 1)) return "podman";
  if (read_start(roots.top + "/.dockerenv", 1)) return "docker";
  // Its environment is shown to root only.
  const std::string environment = read_start(roots.proc + "/1/environ", 64 << 10).value_or("");
  const std::string wanted = "container=";
  const auto at = environment.starts_with(wanted) ? 0 : environment.find('\0' + wanted);
  if (at == std::string::npos) return {};
  const auto begin = environment.find('=', at) + 1;
  return environment.substr(begin, environment.find('\0', begin) - begin);
}

/// "MemTotal:  16384 kB" in octets.
std::optional<std::uint64_t> memory_line(const std::string& text, const std::string& name) {
  const auto at = text.find(name + ":");
  if (at == std::string::npos) return std::nullopt;
  const auto words = words_of(text.substr(at + name.size() + 1, 64));
  std::uint64_t kibi = 0;
  if (words.empty() || std::from_chars(words[0].data(), words[0].data() + words[0].size(), kibi).ec != std::errc())
    return std::nullopt;
  return kibi * 1024;
}

}  // namespace

MachineFacts read_machine(const HostRoots& roots) {
  MachineFacts machine;
  const std::string dmi = roots.sys + "/class/dmi/id/";
  const std::string vendor = read_line(dmi + "sys_vendor").value_or("");
  const std::string product = read_line(dmi + "product_name").value_or("");
  machine.maker = vendor + (vendor.empty() || product.empty() ? "" : " ") + product;
  const std::string hypervisor = read_line(roots.sys + "/hypervisor/type").value_or("");
  if (machine.maker.empty()) machine.maker = hypervisor;
  machine.virtual_machine = has_hypervisor_flag(roots) || !hypervisor.empty() || is_hypervisors_board(machine.maker);
  machine.container = container_of(roots);
  const std::string memory = read_start(roots.proc + "/meminfo", kMemInfo).value_or("");
  machine.memory_octets = memory_line(memory, "MemTotal");
  machine.available_octets = memory_line(memory, "MemAvailable");
  const auto swap = memory_line(memory, "SwapTotal"), swap_free = memory_line(memory, "SwapFree");
  if (swap && swap_free && *swap >= *swap_free) machine.swap_used_octets = *swap - *swap_free;
  machine.entropy_bits = read_number(roots.proc + "/sys/kernel/random/entropy_avail");
  return machine;
}

void read_time_devices(const HostRoots& roots, ClockFacts& clock) {
  const std::string ptp = roots.sys + "/class/ptp/", rtc = roots.sys + "/class/rtc/";
  for (const std::string& name : names_in(ptp))
    if (name.starts_with("ptp")) clock.ptp.push_back({name, read_line(ptp + name + "/clock_name").value_or("")});
  for (const std::string& name : names_in(rtc))
    if (name.starts_with("rtc")) clock.rtc.push_back({name, read_line(rtc + name + "/name").value_or("")});
  const std::string source = roots.sys + "/devices/system/clocksource/clocksource0/";
  clock.source = read_line(source + "current_clocksource").value_or("");
  clock.sources = words_of(read_line(source + "available_clocksource").value_or(""));
}

std::optional<DiskFacts> read_disk(const HostRoots& roots, const std::string& folder) {
  struct statfs space {};
  struct stat place {};
  if (::statfs(folder.c_str(), &space) != 0 || ::stat(folder.c_str(), &place) != 0) return std::nullopt;
  DiskFacts disk;
  const auto block = static_cast<std::uint64_t>(space.f_frsize > 0 ? space.f_frsize : space.f_bsize);
  disk.free_octets = static_cast<std::uint64_t>(space.f_bavail) * block;
  disk.all_octets = static_cast<std::uint64_t>(space.f_blocks) * block;
  disk.in_memory = space.f_type == TMPFS_MAGIC || space.f_type == RAMFS_MAGIC;
  const std::string device =
      roots.sys + "/dev/block/" + std::to_string(major(place.st_dev)) + ":" + std::to_string(minor(place.st_dev));
  std::error_code not_told;
  disk.in_memory |= std::filesystem::canonical(device, not_told).filename().string().starts_with("zram");
  // A partition has no queue of its own: its disk, the folder above, has.
  auto rotational = read_number(device + "/queue/rotational");
  if (!rotational) rotational = read_number(device + "/../queue/rotational");
  if (rotational && !disk.in_memory) disk.rotational = *rotational != 0;
  return disk;
}

}  // namespace sonde
