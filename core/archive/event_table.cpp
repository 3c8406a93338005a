#include "core/archive/event_table.h"

#include <limits>

#include "core/archive/route_coding.h"

namespace sonde {
namespace {
constexpr std::int64_t kMostEvents = 200'000;
// Every query has these columns: see newest().
#define SONDE_EVENT_COLUMNS "SELECT id, time, kind, test, sentence, body FROM event LEFT JOIN event_routes USING (seq) "
}  // namespace

void EventTable::create(Journal& journal) {
  journal.execute(
      "CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, time INTEGER NOT NULL,"
      " kind TEXT NOT NULL, test INTEGER NOT NULL, sentence TEXT NOT NULL);"
      "CREATE INDEX IF NOT EXISTS event_by_time ON event (time);"
      "CREATE INDEX IF NOT EXISTS event_by_test ON event (test, time);"
      "CREATE TABLE IF NOT EXISTS event_routes (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);"
      "CREATE TRIGGER IF NOT EXISTS event_gone AFTER DELETE ON event"
      " BEGIN DELETE FROM event_routes WHERE seq = OLD.seq; END");
}

void EventTable::insert(Journal& journal, const Event& event) {
  journal.run("INSERT INTO event (id, time, kind, test, sentence) VALUES (?, ?, ?, ?, ?)", event.id,
              event.time.time_since_epoch().count(), event.kind, event.test.empty() ? 0 : names_.id_of(event.test),
              event.sentence);
  if (event.id.empty()) journal.run("UPDATE event SET id = 'e' || seq WHERE seq = last_insert_rowid()");
  if (event.routes)
    journal.run("INSERT INTO event_routes (seq, body) VALUES (last_insert_rowid(), ?)",
                encode_route_change(*event.routes));
}

std::vector<Event> EventTable::newest(Journal& journal, TimeRange range, const std::string& test,
                                      std::size_t limit) const {
  const bool all_times = range.length() <= Duration::zero();
  using Limits = std::numeric_limits<std::int64_t>;
  const Names::Id known = names_.find(test);
  const std::int64_t from = all_times ? Limits::min() : range.begin.time_since_epoch().count();
  const std::int64_t to = all_times ? Limits::max() : range.end.time_since_epoch().count();
  // Two statements, so that each is led by its own index.
  constexpr std::string_view kOfAll =
      SONDE_EVENT_COLUMNS "WHERE ?1 = ?1 AND time >= ?2 AND time < ?3 ORDER BY time DESC, seq DESC LIMIT ?4";
  constexpr std::string_view kOfTest =
      SONDE_EVENT_COLUMNS "WHERE test = ?1 AND time >= ?2 AND time < ?3 ORDER BY time DESC, seq DESC LIMIT ?4";
  auto rows = journal.query(test.empty() ? kOfAll : kOfTest,
                            known == Names::kUnknown ? -1 : static_cast<std::int64_t>(known), from, to, limit);
  std::vector<Event> events;
  while (rows.next()) {
    events.push_back({std::string(rows.text(0)), UtcTime{Duration{rows.number(1)}}, std::string(rows.text(2)),
                      std::string(names_.word(static_cast<Names::Id>(rows.number(3)))), std::string(rows.text(4))});
    if (const auto body = rows.bytes(5); !body.empty()) events.back().routes = decode_route_change(body);
  }
  return events;
}

std::int64_t EventTable::prune(Journal& journal, UtcTime oldest, std::size_t chunk) {
  const std::int64_t old =
      journal.run("DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE time < ? ORDER BY time LIMIT ?)",
                  oldest.time_since_epoch().count(), chunk);
  return old + journal.run(
                   "DELETE FROM event WHERE seq <= (SELECT max(seq) FROM event) - ? AND seq IN"
                   " (SELECT seq FROM event ORDER BY seq LIMIT ?)",
                   kMostEvents, chunk);
}

}  // namespace sonde
