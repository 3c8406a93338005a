#include "core/archive/archive_writer.h"

namespace sonde {
namespace {

Journal open_journal(const ArchiveOptions& options) {
  Journal journal((options.directory / "journal.db").string(), Journal::Mode::write, options.vfs);
  ResultTable::create(journal);
  EventTable::create(journal);
  journal.execute("CREATE TABLE IF NOT EXISTS boot (id INTEGER PRIMARY KEY, boot_id TEXT NOT NULL)");
  return journal;
}

}  // namespace

ArchiveWriter::ArchiveWriter(const ArchiveOptions& options, const Clock& clock, Names& names)
    : clock_(clock),
      log_(options.log),
      names_(names),
      journal_(open_journal(options)),
      result_table_(names, options.find_metric),
      event_table_(names) {
  for (auto rows = journal_.query("SELECT id, word FROM name ORDER BY id"); rows.next();)
    names_.load(static_cast<Names::Id>(rows.number(0)), std::string(rows.text(1)));
  boot_ = find_boot(options.boot_id);
  newest_seq_ = result_table_.newest_seq(journal_);
  auto rows = journal_.query("SELECT count(*) FROM result");
  if (rows.next()) results_ = static_cast<std::uint64_t>(rows.number(0));
}

/// Without a boot id every start counts as a boot of its own.
std::int64_t ArchiveWriter::find_boot(const std::string& boot_id) {
  if (!boot_id.empty()) {
    auto rows = journal_.query("SELECT id FROM boot WHERE boot_id = ?", boot_id);
    if (rows.next()) return rows.number(0);
  }
  journal_.run("INSERT INTO boot (boot_id) VALUES (?)", boot_id);
  auto rows = journal_.query("SELECT max(id) FROM boot");
  rows.next();
  return rows.number(0);
}

std::vector<std::shared_ptr<const Result>> ArchiveWriter::commit(std::span<const IntakeItem> items) {
  std::vector<std::shared_ptr<const Result>> fresh;
  Journal::Transaction transaction(journal_);
  std::int64_t seq = newest_seq_;
  for (const IntakeItem& item : items) {
    if (item.event) event_table_.insert(journal_, *item.event);
    if (item.result && result_table_.insert(journal_, seq + 1, *item.result, boot_)) {
      ++seq;
      fresh.push_back(item.result);
    }
  }
  const auto new_names = names_.pending();
  for (const auto& [id, word] : new_names) journal_.run("INSERT INTO name (id, word) VALUES (?, ?)", id, word);
  transaction.commit();
  if (!new_names.empty()) names_.written(new_names.back().id);
  newest_seq_ = seq;
  results_ += fresh.size();
  return fresh;
}

void ArchiveWriter::clock_stepped(Duration step, bool believed) {
  Journal::Transaction transaction(journal_);
  result_table_.move_doubtful(journal_, boot_, step, believed);
  transaction.commit();
}

}  // namespace sonde
