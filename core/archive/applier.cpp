#include "core/archive/applier.h"

#include <algorithm>
#include <limits>

#include "core/archive/disk.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr auto kTurn = 200ms;  ///< after which a batch is closed

constexpr Duration kCopyAge = 24h;
constexpr std::size_t kReplayChunk = 2000;

FileKey file_of(Journal::Rows& rows) {
  return {rows.number(0), static_cast<int>(rows.number(1)), static_cast<FileKind>(rows.number(2))};
}

}  // namespace

void set_mark(Journal& journal, std::string_view name, std::int64_t value) {
  journal.run("INSERT OR REPLACE INTO mark (name, value) VALUES (?, ?)", name, value);
}

std::int64_t mark(Journal& journal, std::string_view name) {
  auto rows = journal.query("SELECT value FROM mark WHERE name = ?", name);
  return rows.next() ? rows.number(0) : 0;
}

Names::Id write_names(Journal& journal, const Names& names) {
  Names::Id up_to = 0;
  for (const auto& [id, word] : names.pending()) {
    journal.run("INSERT OR IGNORE INTO name (id, word) VALUES (?, ?)", id, word);
    up_to = id;
  }
  return up_to;
}

Applier::Applier(Journal& journal, Names& names, Strands& strands, ResultTable& results, SeriesFiles& files,
                 Histograms& histograms, Log log)
    : journal_(journal),
      names_(names),
      strands_(strands),
      results_(results),
      files_(files),
      histograms_(histograms),
      writer_(names, strands, files),
      log_(std::move(log)),
      applied_(mark(journal, "applied")) {
  load_marks();
  // The last run ended while it was changing these.
  for (auto rows = journal_.query("SELECT strand, part, kind FROM touching"); rows.next();)
    files_.suspect(file_of(rows));
}

void Applier::create(Journal& journal) {
  journal.execute(
      "CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS file (strand INTEGER NOT NULL, part INTEGER NOT NULL, kind INTEGER NOT NULL,"
      " uncopied INTEGER NOT NULL, copied_at INTEGER NOT NULL, PRIMARY KEY (strand, part, kind)) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS touching (strand INTEGER NOT NULL, part INTEGER NOT NULL, kind INTEGER NOT NULL,"
      " PRIMARY KEY (strand, part, kind)) WITHOUT ROWID");
}

void Applier::apply(std::vector<ResultRow> rows, std::int64_t newest, UtcTime believed_now) {
  std::vector<std::int64_t> beside;
  const auto enough = Steady::now() + kTurn;
  try {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const ResultRow& row = rows[i];
      if (row.keeping == Keeping::aligned && writer_.add(*row.result, believed_now) == SeriesWriter::Fate::beside)
        beside.push_back(row.seq);
      if (Steady::now() > enough) rows.resize(i + 1);  // new files take long to make
    }
  } catch (...) {
    writer_.forget();
    throw;
  }
  const std::int64_t up_to = rows.empty() ? newest : rows.back().seq;
  const auto touched = writer_.touched();
  mark_touched(touched);
  const auto broken = writer_.write();
  if (!touched.empty()) sync_disk(files_.directory());
  try {
    const Names::Id names = commit(rows, up_to, touched, broken, beside, believed_now);
    names_.written(names);
  } catch (...) {
    load_marks();
    throw;
  }
  strands_.written();
  applied_ = up_to;
}

Names::Id Applier::commit(const std::vector<ResultRow>& rows, std::int64_t up_to, const std::vector<FileKey>& touched,
                          const std::vector<FileKey>& broken, const std::vector<std::int64_t>& beside,
                          UtcTime believed_now) {
  Journal::Transaction transaction(journal_);
  for (const ResultRow& row : rows)
    if (row.keeping != Keeping::doubtful) add_histograms(*row.result);
  for (const std::int64_t seq : beside) results_.set_keeping(journal_, seq, Keeping::irregular);
  if (!rows.empty()) mark_uncopied(touched, rows.front().seq, believed_now);
  journal_.run("DELETE FROM touching");
  mark_broken(broken);
  strands_.write(journal_);
  const Names::Id names = write_names(journal_, names_);
  set_mark(journal_, "applied", up_to);
  set_mark(journal_, "believed", believed_now.time_since_epoch().count());
  transaction.commit();
  return names;
}

/// As the disk has them.
void Applier::load_marks() {
  marks_.clear();
  for (auto rows = journal_.query("SELECT strand, part, kind, uncopied, copied_at FROM file"); rows.next();)
    marks_[file_of(rows)] = {rows.number(3), UtcTime{Duration{rows.number(4)}}};
}

/// A file that did not take its rows: as after a crash.
void Applier::mark_broken(const std::vector<FileKey>& files) {
  for (const FileKey& file : files) {
    files_.suspect(file);
    write_touching(file);
  }
}

void Applier::add_histograms(const Result& result) {
  for (const DirectionResult& direction : result.directions) {
    const auto strand = strands_.find({result.test, result.revision, direction.direction, ""});
    if (!strand) continue;
    histograms_.add(journal_, *strand, result.begin, direction, result.health.own_heavy_test);
  }
}

/// Durable before the first octet of a file changes.
void Applier::mark_touched(const std::vector<FileKey>& files) {
  if (files.empty()) return;
  Journal::Transaction transaction(journal_);
  for (const FileKey& file : files) write_touching(file);
  transaction.commit();
}

void Applier::write_touching(const FileKey& file) {
  journal_.run("INSERT OR IGNORE INTO touching (strand, part, kind) VALUES (?, ?, ?)", file.strand, file.part,
               static_cast<int>(file.kind));
}

void Applier::mark_uncopied(const std::vector<FileKey>& files, std::int64_t seq, UtcTime now) {
  for (const FileKey& file : files) {
    // A new file needs no copy yet: the journal has all of it.
    const auto [mark, is_new] = marks_.try_emplace(file, FileMark{0, now});
    if (!is_new && mark->second.uncopied != 0) continue;
    mark->second.uncopied = seq;
    write_mark(file);
  }
}

void Applier::write_mark(const FileKey& file) {
  const FileMark& mark = marks_[file];
  journal_.run("INSERT OR REPLACE INTO file (strand, part, kind, uncopied, copied_at) VALUES (?, ?, ?, ?, ?)",
               file.strand, file.part, static_cast<int>(file.kind), mark.uncopied,
               mark.copied_at.time_since_epoch().count());
}

bool Applier::repair_some(UtcTime believed_now) {
  const auto suspects = files_.suspects();
  if (suspects.empty()) return false;
  const auto strand = strands_.find(suspects.front().strand);
  std::vector<FileKey> files;
  for (const FileKey& file : suspects) {
    const auto other = strands_.find(file.strand);
    if (file.strand == suspects.front().strand || (strand && other && strand->key.test == other->key.test))
      files.push_back(file);
  }
  log_.warning("series files may be damaged and are made anew from their copies and the journal",
               {{"test", strand ? strand->key.test : "unknown"}, {"files", std::to_string(files.size())}});
  mark_touched(files);
  for (const FileKey& file : files)
    if (files_.restore(file) && files_.newest_s(file) > utc_seconds(believed_now + kAhead)) files_.remove(file);
  if (strand) replay(files, strand->key.test, believed_now);
  sync_disk(files_.directory());
  Journal::Transaction transaction(journal_);
  for (const FileKey& file : files)
    journal_.run("DELETE FROM touching WHERE strand = ? AND part = ? AND kind = ?", file.strand, file.part,
                 static_cast<int>(file.kind));
  transaction.commit();
  return true;
}

/// What the journal still has goes in again; a file has newer steps than its copy only from there.
void Applier::replay(const std::vector<FileKey>& files, const std::string& test, UtcTime believed_now) {
  for (ResultTable::Position position; true;) {
    const auto rows = results_.aligned_of(journal_, test, applied_, position, kReplayChunk);
    if (rows.empty()) return;
    for (const ResultRow& row : rows) {
      if (slot_of(*row.result).end > believed_now + kAhead) {
        results_.set_keeping(journal_, row.seq, Keeping::irregular);
      } else {
        for (const FileKey& file : files) writer_.add_to(file, *row.result);
      }
    }
    writer_.write();
  }
}

bool Applier::copy_one(UtcTime now) {
  for (auto& [file, mark] : marks_) {
    const bool due = mark.uncopied != 0 && (mark.copied_at < now - kCopyAge || mark.copied_at > now + kCopyAge);
    if (!due) continue;
    try {
      if (files_.exists(file)) files_.copy(file);
    } catch (const BrokenFile&) {
      files_.suspect(file);
      return true;
    }
    mark = {0, now};
    write_mark(file);
    return true;
  }
  return false;
}

std::int64_t Applier::copied() const {
  std::int64_t up_to = applied_;
  for (const auto& [file, mark] : marks_)
    if (mark.uncopied != 0) up_to = std::min(up_to, mark.uncopied - 1);
  return up_to;
}

void Applier::forget(std::int64_t strand) {
  std::erase_if(marks_, [&](const auto& entry) { return entry.first.strand == strand; });
  journal_.run("DELETE FROM file WHERE strand = ?", strand);
  journal_.run("DELETE FROM touching WHERE strand = ?", strand);
}

}  // namespace sonde
