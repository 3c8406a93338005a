// The interfaces that measure, with what their drivers and the kernel's files tell of them.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <sstream>

#include "core/host/host_reading.h"

namespace sonde {
namespace {

constexpr std::size_t kInterrupts = 4 << 20;

bool has_address(const InterfaceState& one) {
  return std::ranges::any_of(one.addresses, [](const Prefix& p) { return !p.address.is_link_local(); });
}

/// The folder of the interface; empty where the files show another namespace's interfaces.
std::string folder_of(const HostRoots& roots, const InterfaceState& one) {
  const std::string folder = roots.sys + "/class/net/" + one.name;
  return read_number(folder + "/ifindex") == static_cast<std::uint64_t>(one.index) ? folder : "";
}

/// Names of what an aggregate, a bridge or a VLAN stands on.
std::vector<std::string> beneath(const std::string& folder) {
  static constexpr std::string_view kLower = "lower_";
  std::vector<std::string> names;
  if (folder.empty()) return names;
  for (const std::string& name : names_in(folder))
    if (name.starts_with(kLower)) names.push_back(name.substr(kLower.size()));
  return names;
}

/// Interfaces with an address, and the devices that they stand on.
std::vector<InterfaceState> measuring(const HostRoots& roots, const std::vector<InterfaceState>& all) {
  std::set<std::string> wanted;
  std::vector<std::string> open;
  for (const InterfaceState& one : all)
    if (one.up && !one.loopback && has_address(one)) open.push_back(one.name);
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    const auto found = std::ranges::find(all, name, &InterfaceState::name);
    if (found == all.end() || !wanted.insert(name).second) continue;
    for (std::string& lower : beneath(folder_of(roots, *found))) open.push_back(std::move(lower));
  }
  std::vector<InterfaceState> out;
  std::ranges::copy_if(all, std::back_inserter(out), [&](const auto& one) { return wanted.contains(one.name); });
  return out;
}

/// The device's interrupts; a virtio function's stand at the card that carries it, one folder above.
std::set<int> interrupt_numbers(const std::string& folder) {
  std::error_code error;
  const bool carried = std::filesystem::read_symlink(folder + "/device/subsystem", error).filename() == "virtio";
  std::set<int> numbers;
  for (const std::string& name : names_in(folder + (carried ? "/device/../msi_irqs" : "/device/msi_irqs"))) {
    int number = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc()) numbers.insert(number);
  }
  return numbers;
}

/// "  37:   12   99   PCI-MSI  eth0-rx-0": the columns are those of the head line.
std::vector<Interrupt> read_interrupts(const HostRoots& roots, const std::set<int>& wanted) {
  std::vector<Interrupt> found;
  std::istringstream lines(read_start(roots.proc + "/interrupts", kInterrupts).value_or(""));
  std::string line;
  if (wanted.empty() || !std::getline(lines, line)) return found;
  const std::size_t cores = words_of(line).size();
  while (std::getline(lines, line)) {
    const auto words = words_of(line);
    Interrupt one;
    if (words.size() < cores + 1 ||
        std::from_chars(words[0].data(), words[0].data() + words[0].size(), one.number).ec != std::errc() ||
        !wanted.contains(one.number))
      continue;
    for (std::size_t i = 1; i <= cores; ++i) {
      std::uint64_t count = 0;
      std::from_chars(words[i].data(), words[i].data() + words[i].size(), count);
      one.by_core.push_back(count);
    }
    found.push_back(std::move(one));
  }
  return found;
}

NicFacts read_nic(const HostSources& sources, const InterfaceState& state, const std::vector<Queueing>& queueings) {
  NicFacts nic;
  nic.name = state.name;
  nic.index = state.index;
  nic.running = state.up && state.running;
  nic.speed_bps = state.speed_bps;
  nic.mtu = state.mtu;
  nic.in_packets = state.in_packets;
  nic.in_errors = state.in_errors;
  for (const Queueing& one : queueings) {
    if (one.interface_index != state.index) continue;
    if (one.root)
      nic.queueing = one.kind;
    else
      nic.inner_queueing.push_back(one.kind);
  }
  if (const std::string folder = folder_of(sources.roots, state); !folder.empty()) {
    std::error_code error;
    nic.is_device = std::filesystem::exists(folder + "/device", error);
    nic.interrupts = read_interrupts(sources.roots, interrupt_numbers(folder));
  }
  if (sources.nic_door.ask) sources.nic_door.ask(nic);
  return nic;
}

std::vector<InterfaceState> interfaces_of(const HostSources& sources) {
  return sources.interfaces ? sources.interfaces() : std::vector<InterfaceState>{};
}

/// What of these is a device, or works. A bridge for containers that are not there, a tunnel that is down: nothing
/// measures through them.
std::vector<NicFacts> read(const HostSources& sources, const std::vector<InterfaceState>& states) {
  const auto queueings = sources.queueings ? sources.queueings() : std::vector<Queueing>{};
  std::vector<NicFacts> nics;
  for (const InterfaceState& state : states) {
    NicFacts nic = read_nic(sources, state, queueings);
    if (nic.running || nic.is_device) nics.push_back(std::move(nic));
  }
  return nics;
}

}  // namespace

std::vector<NicFacts> read_nics(const HostSources& sources) {
  return read(sources, measuring(sources.roots, interfaces_of(sources)));
}

std::vector<NicFacts> read_nics_to_tune(const HostSources& sources) {
  const auto all = interfaces_of(sources);
  const auto used = measuring(sources.roots, all);
  std::vector<InterfaceState> wanted;
  std::ranges::copy_if(all, std::back_inserter(wanted), [&](const InterfaceState& one) {
    std::error_code error;
    const std::string folder = folder_of(sources.roots, one);
    return std::ranges::find(used, one.index, &InterfaceState::index) != used.end() ||
           (!folder.empty() && std::filesystem::exists(folder + "/device", error));
  });
  return read(sources, wanted);
}

}  // namespace sonde
