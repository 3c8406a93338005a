#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/host/host_facts.h"
#include "core/net/network.h"

namespace sonde {

/// Where the kernel's files stand; made-up trees in tests. `top` is before /run and /.dockerenv.
struct HostRoots {
  std::string proc = "/proc", sys = "/sys", top;
};

/// A queueing discipline of an interface.
struct Queueing {
  int interface_index = 0;
  std::string kind;
  bool root = false;
};

/// What a NIC's driver is asked and told; errors of setting are errno values.
struct NicDoor {
  enum class Knob : std::uint8_t { receive_ring, lro, receive_wait_us, queueing };
  std::function<void(NicFacts&)> ask;  ///< fills in what the driver tells of the interface of that name
  std::function<int(const NicFacts&, Knob, const std::string& value)> set;
};
NicDoor linux_nic_door();

/// Everything that reading a host asks: the real one unless replaced.
struct HostSources {
  HostRoots roots;
  std::string data_folder;  ///< of the archive; empty = its disk is not looked at
  std::function<std::vector<InterfaceState>()> interfaces;
  std::function<std::vector<Queueing>()> queueings;
  NicDoor nic_door;
  std::function<bool()> real_time;  ///< whether this process may have real-time priority
};
HostSources real_host(std::string data_folder);

/// Reads all but the clock's quality and steps, which whoever asks fills in. Takes some milliseconds, waits for nothing
/// but drivers. What cannot be read is left empty. Any thread.
HostFacts read_host(const HostSources& sources, SteadyTime now);

// The parts, each in a file of its own.
std::vector<NicFacts> read_nics(const HostSources& sources);
/// Those that measure and every other device, up or not: at boot nothing has an address yet.
std::vector<NicFacts> read_nics_to_tune(const HostSources& sources);
void read_time_devices(const HostRoots& roots, ClockFacts& clock);
CpuFacts read_cpu(const HostRoots& roots);
MachineFacts read_machine(const HostRoots& roots);
std::optional<DiskFacts> read_disk(const HostRoots& roots, const std::string& folder);
std::vector<Queueing> read_queueings();  ///< throws Error

// Files of the kernel, bounded: empty where there is none, it cannot be read or it says something else.
std::optional<std::string> read_start(const std::string& path, std::size_t most);
/// Only of a plain file, and through no link: what others may have put there.
std::optional<std::string> read_plain(const std::string& path, std::size_t most);
std::optional<std::string> read_line(const std::string& path);  ///< the first, without blanks around it
std::optional<std::uint64_t> read_number(const std::string& path);
/// Names in a folder in order, at most 4,096 of them.
std::vector<std::string> names_in(const std::string& folder);
std::vector<std::string> words_of(const std::string& text);

}  // namespace sonde
