#include "core/archive/result_table.h"

#include <algorithm>
#include <limits>

#include "core/archive/retention.h"

namespace sonde {
namespace {

constexpr std::string_view kInsert =
    "INSERT OR IGNORE INTO result (seq, id, test, revision, begin, end, outcome, keeping, boot, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, 0), ?)";
// Every query for whole Results has these columns first: see read().
#define SONDE_RESULT_COLUMNS "SELECT seq, id, test, revision, begin, end, outcome, body, keeping FROM result "

std::int64_t nanoseconds(UtcTime t) { return t.time_since_epoch().count(); }

bool has_packets(const Result& r) {
  return std::ranges::any_of(r.directions, [](const DirectionResult& d) { return !d.packets.empty(); });
}

}  // namespace

Keeping keeping_of(const Result& r) {
  // Nobody measured with this program before it was written, whatever the node thought of its clock.
  constexpr UtcTime kNoEarlier = utc_from_seconds(1'735'689'600);  // 2025
  if (r.time_in_doubt || r.begin < kNoEarlier) return Keeping::doubtful;
  const bool stepped = r.continuous && r.step > Duration::zero();
  if (!stepped) return Keeping::event;
  const bool whole_seconds = r.step % std::chrono::seconds{1} == Duration::zero();
  return r.late || r.outcome != Outcome::done || !whole_seconds ? Keeping::irregular : Keeping::aligned;
}

TimeRange slot_of(UtcTime begin, Duration step) {
  constexpr Duration kEarly = std::chrono::milliseconds(10);
  const UtcTime slot = align_down(begin + std::min(kEarly, step / 100), step);
  return {slot, slot + step};
}
TimeRange slot_of(const Result& r) { return slot_of(r.begin, r.step); }

void ResultTable::create(Journal& journal) {
  journal.execute(
      "CREATE TABLE IF NOT EXISTS name (id INTEGER PRIMARY KEY, word TEXT NOT NULL);"
      "CREATE TABLE IF NOT EXISTS result (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, test INTEGER NOT NULL,"
      " revision INTEGER NOT NULL, begin INTEGER NOT NULL, end INTEGER NOT NULL, outcome INTEGER NOT NULL,"
      " keeping INTEGER NOT NULL, boot INTEGER, body BLOB NOT NULL);"
      "CREATE UNIQUE INDEX IF NOT EXISTS result_by_id ON result (id);"
      "CREATE INDEX IF NOT EXISTS result_by_test ON result (test, begin);"
      "CREATE INDEX IF NOT EXISTS result_by_begin ON result (begin);"
      "CREATE INDEX IF NOT EXISTS result_in_doubt ON result (boot) WHERE boot IS NOT NULL;"
      "CREATE INDEX IF NOT EXISTS result_aligned ON result (begin) WHERE keeping = 1;"
      "CREATE INDEX IF NOT EXISTS result_irregular ON result (test, begin) WHERE keeping >= 2;"
      "CREATE TABLE IF NOT EXISTS packets (seq INTEGER PRIMARY KEY, kept_until INTEGER NOT NULL, body BLOB NOT NULL);"
      "CREATE INDEX IF NOT EXISTS packets_by_time ON packets (kept_until);"
      "CREATE TABLE IF NOT EXISTS result_log (seq INTEGER PRIMARY KEY, kept_until INTEGER NOT NULL, body BLOB NOT "
      "NULL);"
      "CREATE INDEX IF NOT EXISTS result_log_by_time ON result_log (kept_until)");
}

bool ResultTable::insert(Journal& journal, std::int64_t seq, const Result& r, std::int64_t boot) {
  const Keeping keeping = keeping_of(r);
  const bool fresh = journal.run(kInsert, seq, r.id, names_.id_of(r.test), r.revision, nanoseconds(r.begin),
                                 nanoseconds(r.end), static_cast<int>(r.outcome), static_cast<int>(keeping),
                                 keeping == Keeping::doubtful ? boot : 0, encode_result(r, names_)) > 0;
  if (!fresh) return false;
  if (has_packets(r))
    journal.run("INSERT INTO packets (seq, kept_until, body) VALUES (?, ?, ?)", seq,
                nanoseconds(r.end + keep::kPackets), encode_packets(r));
  const bool well = r.outcome == Outcome::done;
  const Duration log_kept = well ? keep::kLog : keep::kFailedLog;
  if (!r.log.empty())
    journal.run("INSERT INTO result_log (seq, kept_until, body) VALUES (?, ?, ?)", seq, nanoseconds(r.end + log_kept),
                encode_log(r.log, r.begin, well ? keep::kLogOctets : keep::kFailedLogOctets));
  return true;
}

void ResultTable::move_doubtful(Journal& journal, std::int64_t boot, Duration step, bool settled) {
  journal.run(
      "UPDATE result SET begin = begin + ?, end = end + ?, boot = CASE WHEN ? THEN NULL ELSE boot END"
      " WHERE boot = ?",
      step.count(), step.count(), settled ? 1 : 0, boot);
}

std::int64_t ResultTable::newest_seq(Journal& journal) const {
  auto rows = journal.query("SELECT max(seq) FROM result");
  return rows.next() ? rows.number(0) : 0;
}

std::shared_ptr<Result> ResultTable::read(Journal::Rows& rows, std::int64_t& seq) const {
  seq = rows.number(0);
  auto decoded = decode_result(rows.bytes(7), names_, find_);
  auto result = std::make_shared<Result>(decoded ? std::move(*decoded) : Result{});
  if (!decoded) result->sentence = "This result cannot be read back: its record on the disk is damaged.";
  result->id = rows.text(1);
  result->test = names_.word(static_cast<Names::Id>(rows.number(2)));
  result->revision = static_cast<std::uint32_t>(rows.number(3));
  result->begin = UtcTime{Duration{rows.number(4)}};
  result->end = UtcTime{Duration{rows.number(5)}};
  result->outcome = decoded ? static_cast<Outcome>(rows.number(6) & 3) : Outcome::failed;
  return result;
}

void ResultTable::add_packets(Journal& journal, std::int64_t seq, Result& result) const {
  auto rows = journal.query("SELECT body FROM packets WHERE seq = ?", seq);
  if (rows.next()) decode_packets(rows.bytes(0), result);
}

void ResultTable::add_log(Journal& journal, std::int64_t seq, Result& result) const {
  auto rows = journal.query("SELECT body FROM result_log WHERE seq = ?", seq);
  if (!rows.next()) return;
  if (auto log = decode_log(rows.bytes(0), result.begin)) result.log = std::move(*log);
}

std::vector<std::shared_ptr<const Result>> ResultTable::newest(Journal& journal, const ResultQuery& query) const {
  std::vector<std::shared_ptr<const Result>> results;
  const bool all_times = query.range.length() <= Duration::zero();
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min(), kLast = std::numeric_limits<std::int64_t>::max();
  const std::int64_t from = all_times ? kFirst : nanoseconds(query.range.begin);
  std::int64_t before = all_times ? kLast : nanoseconds(query.range.end), before_seq = 0;
  if (!query.before_id.empty()) {
    auto rows = journal.query("SELECT begin, seq FROM result WHERE id = ?", query.before_id);
    if (!rows.next()) return results;
    if (rows.number(0) < before) {
      before = rows.number(0);
      before_seq = rows.number(1);
    }
  }
  const std::int64_t outcome = query.outcome ? static_cast<std::int64_t>(*query.outcome) : -1;
  const std::int64_t test = names_.find(query.test);
  constexpr std::string_view kOfTest = SONDE_RESULT_COLUMNS
      "WHERE test = ?1 AND begin >= ?2 AND begin <= ?3 AND (begin < ?3 OR seq < ?4) AND (?5 < 0 OR outcome = ?5)"
      " ORDER BY begin DESC, seq DESC LIMIT ?6";
  constexpr std::string_view kOfAll = SONDE_RESULT_COLUMNS
      "WHERE ?1 = ?1 AND begin >= ?2 AND begin <= ?3 AND (begin < ?3 OR seq < ?4) AND (?5 < 0 OR outcome = ?5)"
      " ORDER BY begin DESC, seq DESC LIMIT ?6";
  auto rows =
      journal.query(query.test.empty() ? kOfAll : kOfTest, test, from, before, before_seq, outcome, query.limit);
  while (rows.next()) {
    std::int64_t seq = 0;
    auto result = read(rows, seq);
    if (query.with_packets) add_packets(journal, seq, *result);
    add_log(journal, seq, *result);
    results.push_back(std::move(result));
  }
  return results;
}

std::shared_ptr<const Result> ResultTable::by_id(Journal& journal, const std::string& id) const {
  auto rows = journal.query(SONDE_RESULT_COLUMNS "WHERE id = ?", id);
  if (!rows.next()) return nullptr;
  std::int64_t seq = 0;
  auto result = read(rows, seq);
  add_packets(journal, seq, *result);
  add_log(journal, seq, *result);
  return result;
}

ResultRow ResultTable::row(Journal::Rows& rows) const {
  ResultRow row;
  row.keeping = static_cast<Keeping>(rows.number(8));
  row.result = read(rows, row.seq);
  return row;
}

std::vector<ResultRow> ResultTable::after(Journal& journal, std::int64_t from, std::size_t most) const {
  std::vector<ResultRow> found;
  for (auto rows = journal.query(SONDE_RESULT_COLUMNS "WHERE seq > ? ORDER BY seq LIMIT ?", from, most); rows.next();)
    found.push_back(row(rows));
  return found;
}

std::vector<ResultRow> ResultTable::aligned_of(Journal& journal, const std::string& test, std::int64_t seq,
                                               Position& position, std::size_t most) const {
  std::vector<ResultRow> found;
  for (auto rows = journal.query(SONDE_RESULT_COLUMNS
                                 "WHERE test = ?1 AND begin >= ?2 AND (begin > ?2 OR seq > ?3) AND seq <= ?4"
                                 " AND keeping = 1 ORDER BY begin, seq LIMIT ?5",
                                 names_.find(test), position.begin, position.seq, seq, most);
       rows.next();) {
    found.push_back(row(rows));
    position = {rows.number(4), found.back().seq};
  }
  return found;
}

std::vector<ResultRow> ResultTable::unapplied(Journal& journal, const std::string& test, std::uint32_t revision,
                                              TimeRange range, std::int64_t applied) const {
  std::vector<ResultRow> found;
  for (auto rows = journal.query(
           SONDE_RESULT_COLUMNS "WHERE seq > ? AND test = ? AND revision = ? AND begin >= ? AND begin < ? ORDER BY seq",
           applied, names_.find(test), revision, nanoseconds(range.begin), nanoseconds(range.end));
       rows.next();)
    found.push_back(row(rows));
  return found;
}

void ResultTable::set_keeping(Journal& journal, std::int64_t seq, Keeping keeping) {
  journal.run("UPDATE result SET keeping = ? WHERE seq = ?", static_cast<int>(keeping), seq);
}

void ResultTable::loose(Journal& journal, const SeriesKey& key, TimeRange range, std::int64_t applied,
                        const std::function<void(const Loose&)>& take) const {
  const Names::Id metric = names_.find(key.metric);
  for (auto rows = journal.query(
           "SELECT begin, end, keeping, body FROM result WHERE test = ? AND begin >= ? AND begin < ?"
           " AND revision = ? AND (keeping != 1 OR seq > ?) ORDER BY begin",
           names_.find(key.test), nanoseconds(range.begin), nanoseconds(range.end), key.revision, applied);
       rows.next();) {
    auto coded = find_coded_value(rows.bytes(3), metric, key.direction, key.subject);
    if (!coded) continue;
    take({{UtcTime{Duration{rows.number(0)}}, UtcTime{Duration{rows.number(1)}}},
          static_cast<Keeping>(rows.number(2)),
          std::move(*coded)});
  }
}

}  // namespace sonde
