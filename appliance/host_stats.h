#pragma once

#include <cstdint>

namespace sonde {

/// What this process and its machine use, read from /proc. Zero or empty where that cannot be read.
struct ProcessUse {
  std::uint64_t resident_octets = 0;
  double cpu_seconds = 0;  ///< user and system, since the start
};
ProcessUse process_use();

}  // namespace sonde
