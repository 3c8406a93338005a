#include "core/archive/archive_format.h"

#include <string>

#include "core/archive/applier.h"

namespace sonde {
namespace {

/// 0 = new, or made before formats had numbers, which is format 1.
int format_of(Journal& journal) {
  auto rows = journal.query("PRAGMA user_version");
  return rows.next() ? static_cast<int>(rows.number(0)) : 0;
}

bool has_marks(Journal& journal) {
  return journal.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'mark'").next();
}

}  // namespace

void bring_to_own_format(Journal& journal) {
  int format = format_of(journal);
  if (format == kArchiveFormat) return;
  if (format > kArchiveFormat) {
    const std::int64_t readable_by = has_marks(journal) ? mark(journal, "readable_by") : 0;
    if (readable_by > 0 && readable_by <= kArchiveFormat) return;
    throw Error("A later Sonde wrote the archive (format " + std::to_string(format) + "), and this one knows format " +
                std::to_string(kArchiveFormat) + " only: start the later one again, or restore a backup of before.");
  }
  Journal::Transaction transaction(journal);
  format = format_of(journal);  // another connection may have been first
  if (format == 0) journal.execute("PRAGMA user_version = 1");
  transaction.commit();
}

}  // namespace sonde
