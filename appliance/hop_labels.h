#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "appliance/as_table.h"
#include "appliance/worker.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "web/view.h"

namespace sonde {

/// The name behind an address by this host's own resolver, or empty. Blocks; asks nobody where no name server is
/// configured.
std::string name_of(const IpAddress& address);

/// Who the routers of a route are: names by reverse DNS, looked up on a thread of its own and kept for a day, and the
/// operator's table of autonomous systems. Safe to call from any thread.
class HopLabels {
 public:
  /// `table`: the path of as.csv, read on the thread; nothing happens where there is none.
  HopLabels(const Clock& clock, Log log, std::string table);
  /// What is known now. `look_up`: ask for the name if it is not known, for the next call.
  HopLabel label(const IpAddress& address, bool look_up);

 private:
  struct Name {
    std::string text;
    SteadyTime asked{};
  };
  void load(const std::string& path);
  void ask(const IpAddress& address);

  const Clock& clock_;
  Log log_;
  std::mutex mutex_;
  std::map<IpAddress, Name> names_;       // guarded by mutex_
  std::shared_ptr<const AsTable> table_;  // guarded by mutex_
  Worker worker_;                         // last: its tasks use the rest
};

}  // namespace sonde
