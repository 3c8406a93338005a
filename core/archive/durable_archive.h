#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "core/archive/archive.h"
#include "core/archive/result_coding.h"
#include "core/base/clock.h"
#include "core/base/log.h"

namespace sonde {

struct ArchiveOptions {
  std::filesystem::path directory;  ///< made if absent, mode 0700; journal.db and series/ are in it
  Log log;
  MetricFinder find_metric;                    ///< the catalogue; empty = the standard metrics only
  std::uint64_t disk_limit_octets = 0;         ///< the archive never takes more; 0 = what is free less 10 %
  std::uint64_t free_floor_octets = 64 << 20;  ///< below it storing stops before the disk is full
  std::size_t queue_octets = 64 << 20;
  std::string boot_id;  ///< of this boot of the host: results in doubt are moved only within it
  // For tests only.
  std::string vfs;                             ///< SQLite's file layer; empty = the system's
  std::function<std::uint64_t()> free_octets;  ///< instead of asking the file system
};

/// The Archive on disk: README.md tells its formats. Beside the contract of Archive it wants to hear of clock steps.
class DurableArchive : public Archive {
 public:
  /// UTC jumped by `step` (any thread). Results stored in doubt so far move with it; `believed`: from now on the clock
  /// is, so they are settled and will not move again. They stay beside the series, marked.
  virtual void clock_stepped(Duration step, bool believed) = 0;
  /// Another limit, from the configuration (any thread).
  virtual void set_disk_limit(std::uint64_t octets) = 0;
  /// Writes journal.db and series/ as of one moment into `folder`, which is empty; check_archive() tells what such a
  /// folder is worth. Measuring and storing go on; series wait. Waits. Throws Error, when told to stop too.
  virtual void copy_to(const std::filesystem::path& folder, std::stop_token stop) = 0;
  /// Applies, merges, copies and prunes now what is otherwise done from time to time, by the clock's time. Waits.
  virtual void maintain() = 0;
};

/// Opens or makes the archive and starts its thread; the clock must outlive it. Throws Error with a sentence. After an
/// unclean stop the series are restored by the thread, while reading and storing already work.
std::unique_ptr<DurableArchive> open_archive(ArchiveOptions options, const Clock& clock);

}  // namespace sonde
