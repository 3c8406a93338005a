#pragma once

#include <functional>
#include <memory>
#include <span>

#include "core/archive/durable_archive.h"
#include "core/archive/event_table.h"
#include "core/archive/intake.h"
#include "core/archive/journal.h"
#include "core/archive/result_table.h"

namespace sonde {

/// Everything that writes: the archive thread's own. Not thread-safe.
class ArchiveWriter {
 public:
  ArchiveWriter(const ArchiveOptions& options, const Clock& clock, Names& names);

  /// Commits Results and Events as one group. Throws JournalError; then nothing of it is stored and it may be repeated.
  /// Returns the Results that are new, in order.
  std::vector<std::shared_ptr<const Result>> commit(std::span<const IntakeItem> items);
  void clock_stepped(Duration step, bool believed);
  std::uint64_t results() const { return results_; }

 private:
  std::int64_t find_boot(const std::string& boot_id);

  const Clock& clock_;
  Log log_;
  Names& names_;
  Journal journal_;
  ResultTable result_table_;
  EventTable event_table_;
  std::int64_t boot_ = 0;
  std::int64_t newest_seq_ = 0;
  std::uint64_t results_ = 0;
};

}  // namespace sonde
