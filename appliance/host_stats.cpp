#include "appliance/host_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace sonde {
namespace {

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

}  // namespace

ProcessUse process_use() {
  ProcessUse use;
  std::ifstream statm("/proc/self/statm");
  std::uint64_t whole = 0, resident = 0;
  if (statm >> whole >> resident) use.resident_octets = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) use.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return use;
}

}  // namespace sonde
