#pragma once

#include <cstdint>
#include <string>

#include "appliance/host_places.h"
#include "core/base/time.h"

namespace sonde {

/// What the node and the host's programs say. All of them append to one file in memory, which is kept small here; what
/// was said is also kept on the data partition, bounded too, so that after a power cut it can be read what came before.
/// Owner and only thread: the root helper's.
class HostLog {
 public:
  struct Places {
    std::string said = host::kLog;
    std::string kept = host::kKeptLog;            ///< and the one before, with ".1" behind its name
    std::uint64_t most = std::uint64_t{1} << 20;  ///< octets of each of the three
  };
  explicit HostLog(Places places);

  /// Every few seconds. `keeps`: data are on a drive, not in memory; what was said before they were is kept as well.
  /// A drive that is full or broken is told elsewhere: the log in memory goes on without.
  void follow(SteadyTime now, bool keeps);
  /// At the end.
  void keep();

 private:
  std::uint64_t said() const;

  Places places_;
  std::uint64_t done_ = 0;  ///< octets of what was said that are kept
  bool keeps_ = false;
  SteadyTime next_{};
};

}  // namespace sonde
