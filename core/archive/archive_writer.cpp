#include "core/archive/archive_writer.h"

#include <algorithm>

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostWaiting = 5000;  ///< Results held in memory until they are applied
constexpr std::size_t kApplyAtOnce = 1000;
constexpr std::size_t kMergeAtOnce = 3000;  ///< histograms
constexpr std::size_t kStrandsAtOnce = 50;
/// A clock that nobody vouches for is not believed when it is farther ahead of all we know.
constexpr Duration kLongestSleep = 366 * 24h;

Journal open_journal(const ArchiveOptions& options) {
  Journal journal((options.directory / "journal.db").string(), Journal::Mode::write, options.vfs);
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

Journal open_and_load(const ArchiveOptions& options, Names& names, Strands& strands) {
  Journal journal = open_journal(options);
  for (auto rows = journal.query("SELECT id, word FROM name ORDER BY id"); rows.next();)
    names.load(static_cast<Names::Id>(rows.number(0)), std::string(rows.text(1)));
  strands.load(journal);
  return journal;
}

}  // namespace

ArchiveWriter::ArchiveWriter(const ArchiveOptions& options, const Clock& clock, Names& names, Strands& strands,
                             SeriesFiles& files)
    : clock_(clock),
      log_(options.log),
      names_(names),
      strands_(strands),
      files_(files),
      journal_(open_and_load(options, names, strands)),
      result_table_(names, options.find_metric),
      event_table_(names),
      applier_(journal_, names, strands, result_table_, files, histograms_, log_),
      retention_(journal_, strands, histograms_, event_table_) {
  histograms_.load(journal_);
  boot_ = find_boot(options.boot_id);
  newest_believed_ = UtcTime{Duration{mark(journal_, "believed")}};
  newest_seq_ = std::max(result_table_.newest_seq(journal_), applier_.applied());
  auto rows = journal_.query("SELECT count(*) FROM result");
  if (rows.next()) results_ = static_cast<std::uint64_t>(rows.number(0));
  // The catalogue knows what was applied; take note of the rest.
  for (std::int64_t from = applier_.applied(); from < newest_seq_;) {
    const auto late = result_table_.after(journal_, from, kApplyAtOnce);
    if (late.empty()) break;
    for (const ResultRow& row : late) strands_.note(*row.result);
    from = late.back().seq;
  }
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

/// The newest time that is certainly not in the future: no series goes beyond it.
UtcTime ArchiveWriter::believed_now() {
  const ClockQuality quality = clock_.quality();
  const UtcTime now = clock_.utc_now();
  if (!quality.believed) return newest_believed_;
  if (quality.synchronised || newest_believed_ == UtcTime{}) return newest_believed_ = now;
  if (now < newest_believed_ + kLongestSleep) newest_believed_ = std::max(newest_believed_, now);
  return newest_believed_;
}

std::vector<std::shared_ptr<const Result>> ArchiveWriter::commit(std::span<const IntakeItem> items) {
  std::vector<ResultRow> fresh;
  Journal::Transaction transaction(journal_);
  std::int64_t seq = newest_seq_;
  for (const IntakeItem& item : items) {
    if (item.event) event_table_.insert(journal_, *item.event);
    if (item.result && result_table_.insert(journal_, seq + 1, *item.result, boot_))
      fresh.push_back({++seq, keeping_of(*item.result), item.result});
  }
  write_names(journal_, names_);
  transaction.commit();
  names_.written();
  const bool contiguous = waiting_.empty() ? applier_.applied() == newest_seq_ : waiting_.back().seq == newest_seq_;
  newest_seq_ = seq;
  results_ += fresh.size();
  std::vector<std::shared_ptr<const Result>> announced;
  for (const ResultRow& row : fresh) {
    strands_.note(*row.result);
    announced.push_back(row.result);
  }
  // Either all that waits is in memory or none of it.
  if (contiguous && waiting_.size() + fresh.size() <= kMostWaiting) {
    std::ranges::move(fresh, std::back_inserter(waiting_));
  } else {
    waiting_.clear();
  }
  return announced;
}

void ArchiveWriter::clock_stepped(Duration step, bool believed) {
  Journal::Transaction transaction(journal_);
  result_table_.move_doubtful(journal_, boot_, step, believed);
  transaction.commit();
}

bool ArchiveWriter::work_on() {
  if (applier_.repair_some(believed_now())) return true;
  return apply_some() || delete_some();
}

bool ArchiveWriter::apply_some() {
  if (applier_.applied() >= newest_seq_) return false;
  std::vector<ResultRow> rows;
  if (waiting_.empty()) {
    rows = result_table_.after(journal_, applier_.applied(), kApplyAtOnce);
  } else {
    rows.assign(waiting_.begin(),
                waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(kApplyAtOnce, waiting_.size())));
  }
  const UtcTime now = believed_now();
  try {
    applier_.apply(rows, rows.empty() ? newest_seq_ : rows.back().seq, now);
  } catch (const BrokenFile& broken) {
    files_.suspect(broken.file());
    return true;
  }
  if (!waiting_.empty()) waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(rows.size()));
  return true;
}

void ArchiveWriter::delete_test(const std::string& test) {
  journal_.run("INSERT OR REPLACE INTO deletion (test, seq) VALUES (?, ?)", names_.id_of(test), newest_seq_);
  Journal::Transaction transaction(journal_);
  write_names(journal_, names_);
  transaction.commit();
  names_.written();
}

bool ArchiveWriter::is_deleting(const std::string& test) {
  auto rows = journal_.query("SELECT seq FROM deletion WHERE test = ?", names_.find(test));
  return rows.next();
}

bool ArchiveWriter::delete_some() {
  std::int64_t test = 0, seq = 0;
  {
    auto rows = journal_.query("SELECT test, seq FROM deletion LIMIT 1");
    if (!rows.next()) return false;
    test = rows.number(0);
    seq = rows.number(1);
  }
  if (retention_.erase_results(test, seq)) return true;
  const std::string name(names_.word(static_cast<Names::Id>(test)));
  for (const Strand& strand : strands_.of_test(name))
    if (histograms_.erase(journal_, strand.id, kMergeAtOnce) > 0) return true;
  erase_strands(name);
  return true;
}

void ArchiveWriter::erase_strands(const std::string& test) {
  Journal::Transaction transaction(journal_);
  for (const Strand& strand : strands_.of_test(test)) {
    applier_.forget(strand.id);
    for (int part = 1; part <= strand.parts; ++part)
      for (const FileKind kind : {FileKind::steps, FileKind::sums, FileKind::ranges})
        files_.remove({strand.id, part, kind});
  }
  strands_.erase(journal_, test);
  journal_.run("DELETE FROM deletion WHERE test = ?", names_.find(test));
  transaction.commit();
  auto rows = journal_.query("SELECT count(*) FROM result");
  if (rows.next()) results_ = static_cast<std::uint64_t>(rows.number(0));
}

bool ArchiveWriter::keep_house() {
  const UtcTime now = believed_now();
  bool more = false;
  const auto strands = strands_.ids();
  {
    Journal::Transaction transaction(journal_);
    for (std::size_t i = 0; i < std::min(kStrandsAtOnce, strands.size()); ++i) {
      next_strand_ = (next_strand_ + 1) % strands.size();
      const auto strand = strands_.find(strands[next_strand_]);
      if (strand && !histograms_.merge_closed(journal_, *strand, now, kMergeAtOnce)) more = true;
    }
    transaction.commit();
  }
  if (applier_.copy_one(now)) more = true;
  if (retention_.prune(now, applier_.copied())) more = true;
  return more;
}

void ArchiveWriter::settle(bool house) {
  while (work_on()) {
  }
  if (!house) return;
  for (std::size_t turns = strands_.ids().size() / kStrandsAtOnce + 1; turns > 0; --turns)
    while (keep_house()) {
    }
}

}  // namespace sonde
