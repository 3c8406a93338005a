#pragma once

#include <cstdint>
#include <optional>

namespace sonde {

/// What this process and its machine use, read from /proc. Zero or empty where that cannot be read.
struct ProcessUse {
  std::uint64_t resident_octets = 0;
  double cpu_seconds = 0;  ///< user and system, since the start
};
ProcessUse process_use();

/// CPU time of the machine since boot, in ticks: what the hypervisor took, and all.
struct CpuTicks {
  std::uint64_t steal = 0, all = 0;
};
std::optional<CpuTicks> cpu_ticks();

}  // namespace sonde
