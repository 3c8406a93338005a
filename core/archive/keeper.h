#pragma once

#include <atomic>
#include <filesystem>
#include <stop_token>
#include <string>

#include "core/archive/applier.h"
#include "core/archive/backlog.h"
#include "core/archive/durable_archive.h"
#include "core/archive/event_table.h"
#include "core/archive/retention.h"

namespace sonde {

/// What happens behind the commits: restoring, applying, merging, copying, pruning, deleting; a little at a time, so
/// that commits never wait long for the database. The series thread's own, with a connection of its own.
class Keeper {
 public:
  /// Loads names and catalogue.
  Keeper(const ArchiveOptions& options, std::mutex& gate, const Clock& clock, Names& names, Strands& strands,
         SeriesFiles& files, Backlog& backlog);

  /// One short piece of what readers wait for. True = there is more.
  bool work_on();
  /// One short piece of merging, copying and pruning. True = there is more.
  bool keep_house();
  /// All of work_on(), and of keep_house() too if `house`.
  void settle(bool house);

  /// From now on the test has no data; what is on the disk goes bit by bit in work_on().
  void delete_test(const std::string& test);
  bool is_deleting(const std::string& test);
  std::uint64_t count_results();
  /// The clock is not followed, because it is too far ahead (any thread).
  bool clock_ahead() const { return clock_ahead_; }
  /// journal.db and series/ as of this moment, in `folder`, which is empty. Everything is applied before.
  void copy_to(const std::filesystem::path& folder, const std::stop_token& stop);

 private:
  UtcTime believed_now();
  bool may_forget(UtcTime now);
  bool apply_some();
  bool delete_some();
  bool merge_some(UtcTime now);
  void erase_strands(const std::string& test);

  const Clock& clock_;
  Names& names_;
  Strands& strands_;
  SeriesFiles& files_;
  Backlog& backlog_;
  Journal journal_;
  ResultTable result_table_;
  EventTable event_table_;
  Histograms histograms_;
  Applier applier_;
  Retention retention_;
  std::size_t next_strand_ = 0;
  UtcTime newest_believed_{};
  std::atomic<bool> clock_ahead_{false};
  UtcTime looked_utc_{};  ///< when may_forget() was asked last, by both clocks
  SteadyTime looked_steady_{};
  SteadyTime hold_until_{};
};

}  // namespace sonde
