#pragma once

#include <functional>
#include <memory>
#include <span>

#include "core/archive/applier.h"
#include "core/archive/durable_archive.h"
#include "core/archive/event_table.h"
#include "core/archive/intake.h"
#include "core/archive/retention.h"

namespace sonde {

/// Everything that writes: the archive thread's own. Not thread-safe.
class ArchiveWriter {
 public:
  ArchiveWriter(const ArchiveOptions& options, const Clock& clock, Names& names, Strands& strands, SeriesFiles& files);

  /// Commits Results and Events as one group. Throws JournalError; then nothing of it is stored and it may be repeated.
  /// Returns the Results that are new, in order.
  std::vector<std::shared_ptr<const Result>> commit(std::span<const IntakeItem> items);
  void clock_stepped(Duration step, bool believed);
  /// From now on the test has no data; what is on the disk goes bit by bit in work_on().
  void delete_test(const std::string& test);

  /// One short piece of what is due behind the commits: restoring, applying, deleting. True = there is more.
  bool work_on();
  /// Merging, copying and pruning. True = there is more.
  bool keep_house();
  /// All of work_on(), and of keep_house() too if `house`.
  void settle(bool house);

  std::uint64_t results() const { return results_; }
  bool is_deleting(const std::string& test);

 private:
  std::int64_t find_boot(const std::string& boot_id);
  UtcTime believed_now();
  bool apply_some();
  bool delete_some();
  void erase_strands(const std::string& test);

  const Clock& clock_;
  Log log_;
  Names& names_;
  Strands& strands_;
  SeriesFiles& files_;
  Journal journal_;
  ResultTable result_table_;
  EventTable event_table_;
  Histograms histograms_;
  Applier applier_;
  Retention retention_;
  std::int64_t boot_ = 0;
  std::int64_t newest_seq_ = 0;
  std::uint64_t results_ = 0;
  std::vector<ResultRow> waiting_;  ///< committed, not applied; empty although there are some = read the journal
  std::size_t next_strand_ = 0;
  UtcTime newest_believed_{};
};

}  // namespace sonde
