#include "core/archive/committer.h"

#include <algorithm>

#include "core/archive/applier.h"
#include "core/archive/archive_format.h"

namespace sonde {
namespace {
constexpr std::size_t kNoteAtOnce = 1000;
}

Journal open_journal(const ArchiveOptions& options, std::mutex* gate) {
  Journal journal((options.directory / "journal.db").string(), Journal::Mode::write, options.vfs, gate);
  bring_to_own_format(journal);
  ResultTable::create(journal);
  EventTable::create(journal);
  Strands::create(journal);
  Histograms::create(journal);
  Applier::create(journal);
  journal.execute(
      "CREATE TABLE IF NOT EXISTS boot (id INTEGER PRIMARY KEY, boot_id TEXT NOT NULL);"
      "CREATE TABLE IF NOT EXISTS deletion (test INTEGER PRIMARY KEY, seq INTEGER NOT NULL)");
  return journal;
}

Committer::Committer(const ArchiveOptions& options, std::mutex& gate, Names& names, Strands& strands, Backlog& backlog)
    : names_(names),
      strands_(strands),
      backlog_(backlog),
      journal_(open_journal(options, &gate)),
      result_table_(names, options.find_metric),
      event_table_(names) {
  boot_ = find_boot(options.boot_id);
  const std::int64_t applied = mark(journal_, "applied");
  backlog_.start(std::max(result_table_.newest_seq(journal_), applied));
  for (std::int64_t from = applied; from < backlog_.newest();) {
    const auto late = result_table_.after(journal_, from, kNoteAtOnce);
    if (late.empty()) break;
    for (const ResultRow& row : late) strands_.note(*row.result);
    from = late.back().seq;
  }
}

/// Without a boot id every start counts as a boot of its own.
std::int64_t Committer::find_boot(const std::string& boot_id) {
  if (!boot_id.empty()) {
    auto rows = journal_.query("SELECT id FROM boot WHERE boot_id = ?", boot_id);
    if (rows.next()) return rows.number(0);
  }
  journal_.run("INSERT INTO boot (boot_id) VALUES (?)", boot_id);
  auto rows = journal_.query("SELECT max(id) FROM boot");
  rows.next();
  return rows.number(0);
}

std::vector<std::shared_ptr<const Result>> Committer::commit(std::span<const IntakeItem> items) {
  std::vector<ResultRow> fresh;
  Journal::Transaction transaction(journal_);
  std::int64_t seq = backlog_.newest();
  for (const IntakeItem& item : items) {
    if (item.event) event_table_.insert(journal_, *item.event);
    if (item.result && result_table_.insert(journal_, seq + 1, *item.result, boot_))
      fresh.push_back({++seq, keeping_of(*item.result), item.result});
  }
  const Names::Id up_to = write_names(journal_, names_);
  transaction.commit();
  names_.written(up_to);
  std::vector<std::shared_ptr<const Result>> announced;
  for (const ResultRow& row : fresh) {
    strands_.note(*row.result);
    announced.push_back(row.result);
  }
  backlog_.add(std::move(fresh));
  return announced;
}

void Committer::clock_stepped(Duration step, bool believed) {
  Journal::Transaction transaction(journal_);
  result_table_.move_doubtful(journal_, boot_, step, believed);
  transaction.commit();
}

}  // namespace sonde
