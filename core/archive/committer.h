#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/archive/backlog.h"
#include "core/archive/durable_archive.h"
#include "core/archive/event_table.h"
#include "core/archive/intake.h"
#include "core/archive/result_table.h"
#include "core/archive/strands.h"

namespace sonde {

/// Opens the database for writing, with all its tables.
Journal open_journal(const ArchiveOptions& options, std::mutex* gate = nullptr);

/// Makes Results and Events durable. The archive thread's own, with a connection of its own.
class Committer {
 public:
  /// What the catalogue knows is loaded already; takes note of Results that it does not know yet.
  Committer(const ArchiveOptions& options, std::mutex& gate, Names& names, Strands& strands, Backlog& backlog);

  /// Commits as one group. Throws JournalError; then nothing of it is stored and it may be repeated. Returns the
  /// Results that are new, in order, and puts them into the backlog.
  std::vector<std::shared_ptr<const Result>> commit(std::span<const IntakeItem> items);
  void clock_stepped(Duration step, bool believed);

 private:
  std::int64_t find_boot(const std::string& boot_id);

  Names& names_;
  Strands& strands_;
  Backlog& backlog_;
  Journal journal_;
  ResultTable result_table_;
  EventTable event_table_;
  std::int64_t boot_ = 0;
};

}  // namespace sonde
