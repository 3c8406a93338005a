#include "core/archive/keeper.h"

#include <algorithm>

#include "core/archive/committer.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kApplyAtOnce = 300;
constexpr std::size_t kMergeAtOnce = 500;  ///< histograms
constexpr std::size_t kStrandsAtOnce = 50;
/// A clock that nobody vouches for is not believed when it is farther ahead of all we know.
constexpr Duration kLongestSleep = 366 * 24h;
/// After a leap ahead of more than a day there is this much time to find out that it was wrong.
constexpr Duration kLeap = 24h, kHold = 6h;

Journal open_and_load(const ArchiveOptions& options, std::mutex& gate, Names& names, Strands& strands) {
  Journal journal = open_journal(options, &gate);
  for (auto rows = journal.query("SELECT id, word FROM name ORDER BY id"); rows.next();)
    names.load(static_cast<Names::Id>(rows.number(0)), std::string(rows.text(1)));
  strands.load(journal);
  return journal;
}

}  // namespace

Keeper::Keeper(const ArchiveOptions& options, std::mutex& gate, const Clock& clock, Names& names, Strands& strands,
               SeriesFiles& files, Backlog& backlog)
    : clock_(clock),
      names_(names),
      strands_(strands),
      files_(files),
      backlog_(backlog),
      journal_(open_and_load(options, gate, names, strands)),
      result_table_(names, options.find_metric),
      event_table_(names),
      applier_(journal_, names, strands, result_table_, files, histograms_, options.log),
      retention_(journal_, strands, histograms_, event_table_) {
  histograms_.load(journal_);
  newest_believed_ = UtcTime{Duration{mark(journal_, "believed")}};
  looked_utc_ = newest_believed_;
  looked_steady_ = hold_until_ = clock.steady_now();
}

std::uint64_t Keeper::count_results() {
  auto rows = journal_.query("SELECT count(*) FROM result");
  return rows.next() ? static_cast<std::uint64_t>(rows.number(0)) : 0;
}

/// The newest time that is certainly not in the future: no series goes beyond it.
UtcTime Keeper::believed_now() {
  const ClockQuality quality = clock_.quality();
  const UtcTime now = clock_.utc_now();
  const bool vouched = quality.synchronised || newest_believed_ == UtcTime{};
  clock_ahead_ = !vouched && now >= newest_believed_ + kLongestSleep;
  if (!quality.believed || clock_ahead_) return newest_believed_;
  return newest_believed_ = vouched ? now : std::max(newest_believed_, now);
}

bool Keeper::work_on() {
  if (applier_.repair_some(believed_now())) return true;
  return apply_some() || delete_some();
}

bool Keeper::apply_some() {
  if (applier_.applied() >= backlog_.newest()) return false;
  auto rows = backlog_.after(applier_.applied(), kApplyAtOnce);
  if (rows.empty()) rows = result_table_.after(journal_, applier_.applied(), kApplyAtOnce);
  try {
    applier_.apply(std::move(rows), backlog_.newest(), believed_now());
  } catch (const BrokenFile& broken) {
    files_.suspect(broken.file());
  }
  return true;
}

void Keeper::delete_test(const std::string& test) {
  Journal::Transaction transaction(journal_);
  journal_.run("INSERT OR REPLACE INTO deletion (test, seq) VALUES (?, ?)", names_.id_of(test), backlog_.newest());
  const Names::Id up_to = write_names(journal_, names_);
  transaction.commit();
  names_.written(up_to);
}

bool Keeper::is_deleting(const std::string& test) {
  auto rows = journal_.query("SELECT seq FROM deletion WHERE test = ?", names_.find(test));
  return rows.next();
}

bool Keeper::delete_some() {
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

void Keeper::erase_strands(const std::string& test) {
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
}

bool Keeper::keep_house() {
  const UtcTime now = believed_now();
  bool more = merge_some(now);
  if (!may_forget(now)) return more;
  if (applier_.copy_one(now)) more = true;
  if (retention_.prune(now, applier_.copied())) more = true;
  return more;
}

/// Deleting what is old and replacing older copies cannot be undone, so it waits after the clock leapt ahead.
bool Keeper::may_forget(UtcTime now) {
  const SteadyTime steady = clock_.steady_now();
  const bool leapt = looked_utc_ != UtcTime{} && now - looked_utc_ > (steady - looked_steady_) + kLeap;
  if (leapt) hold_until_ = steady + kHold;
  looked_utc_ = now;
  looked_steady_ = steady;
  return steady >= hold_until_;
}

bool Keeper::merge_some(UtcTime now) {
  // What is not applied yet would have to be merged in row by row.
  if (applier_.applied() < backlog_.newest()) return false;
  bool more = false;
  const auto strands = strands_.ids();
  for (std::size_t i = 0; i < std::min(kStrandsAtOnce, strands.size()); ++i) {
    next_strand_ = (next_strand_ + 1) % strands.size();
    const auto strand = strands_.find(strands[next_strand_]);
    if (!strand) continue;
    try {
      Journal::Transaction transaction(journal_);
      if (!histograms_.merge_closed(journal_, *strand, now, kMergeAtOnce)) more = true;
      transaction.commit();
    } catch (...) {
      histograms_.load(journal_);
      throw;
    }
  }
  return more;
}

void Keeper::copy_to(const std::filesystem::path& folder, const std::stop_token& stop) {
  while (work_on())
    if (stop.stop_requested()) throw Error("The copy was broken off because the node stops.");
  // The series stand still meanwhile, so that both tell the same; what is committed meanwhile waits for the next turn.
  journal_.run("VACUUM INTO ?", (folder / "journal.db").string());
  for (const std::int64_t id : strands_.ids()) {
    const auto strand = strands_.find(id);
    for (int part = 1; strand && part <= strand->parts; ++part)
      for (const FileKind kind : {FileKind::steps, FileKind::sums, FileKind::ranges})
        if (files_.exists({id, part, kind})) files_.copy_to({id, part, kind}, folder);
    if (stop.stop_requested()) throw Error("The copy was broken off because the node stops.");
  }
}

void Keeper::settle(bool house) {
  while (work_on()) {
  }
  if (!house) return;
  for (std::size_t turns = strands_.ids().size() / kStrandsAtOnce + 1; turns > 0; --turns)
    while (keep_house()) {
    }
}

}  // namespace sonde
