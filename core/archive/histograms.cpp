#include "core/archive/histograms.h"

#include <algorithm>
#include <limits>

namespace sonde {
namespace {

using namespace std::chrono_literals;

/// Results of a step come up to threshold, grace and a fetch later.
constexpr Duration kGrace = 3min;

std::int64_t nanoseconds(UtcTime t) { return t.time_since_epoch().count(); }
std::int64_t width_s(Duration width) { return width / 1s; }

/// Own widths are kept as 0, so that a step of 300 s is not taken for merged 5 min.
std::int64_t code_of(const std::vector<Tier>& tiers, std::size_t index) {
  return index == 0 ? 0 : width_s(tiers[index].step);
}

HistogramRow row_of(Journal::Rows& rows) {
  HistogramRow row{UtcTime{Duration{rows.number(0)}},
                   static_cast<std::uint64_t>(rows.number(1)),
                   static_cast<std::uint64_t>(rows.number(2)),
                   rows.number(3) != 0,
                   {}};
  if (auto delays = DelayHistogram::decode(rows.bytes(4))) row.delays = std::move(*delays);
  return row;
}

constexpr std::string_view kSelect =
    "SELECT begin, sent, lost, heavy, body FROM histogram WHERE strand = ? AND width = ? AND begin >= ? AND begin < ?"
    " ORDER BY begin LIMIT ?";

std::vector<HistogramRow> rows_of(Journal& journal, std::int64_t strand, std::int64_t code, UtcTime begin, UtcTime end,
                                  std::int64_t most = -1) {
  std::vector<HistogramRow> found;
  for (auto rows = journal.query(kSelect, strand, code, nanoseconds(begin), nanoseconds(end), most); rows.next();)
    found.push_back(row_of(rows));
  return found;
}

}  // namespace

std::optional<HistogramRow> histogram_of(const Result& result, Direction direction, UtcTime begin) {
  const DirectionResult* found = direction_in(result, direction);
  if (found == nullptr) return std::nullopt;
  HistogramRow row{begin, found->counts.sent, found->counts.lost, result.health.own_heavy_test, {}};
  if (auto delays = DelayHistogram::decode(found->histogram)) row.delays = std::move(*delays);
  return row;
}

HistogramRow merge(std::span<HistogramRow> rows, UtcTime begin) {
  HistogramRow merged{begin, 0, 0, false, {}};
  std::vector<DelayHistogram> delays;
  delays.reserve(rows.size());
  for (HistogramRow& row : rows) {
    merged.sent += row.sent;
    merged.lost += row.lost;
    merged.heavy = merged.heavy || row.heavy;
    delays.push_back(std::move(row.delays));
  }
  merged.delays = DelayHistogram::merge(delays);
  return merged;
}

void Histograms::create(Journal& journal) {
  journal.execute(
      "CREATE TABLE IF NOT EXISTS histogram (id INTEGER PRIMARY KEY, strand INTEGER NOT NULL, width INTEGER NOT NULL,"
      " begin INTEGER NOT NULL, sent INTEGER NOT NULL, lost INTEGER NOT NULL, heavy INTEGER NOT NULL,"
      " body BLOB NOT NULL);"
      "CREATE UNIQUE INDEX IF NOT EXISTS histogram_by_time ON histogram (strand, width, begin);"
      "CREATE TABLE IF NOT EXISTS histogram_until (strand INTEGER NOT NULL, width INTEGER NOT NULL,"
      " until INTEGER NOT NULL, PRIMARY KEY (strand, width)) WITHOUT ROWID");
}

void Histograms::load(Journal& journal) {
  until_.clear();
  for (auto rows = journal.query("SELECT strand, width, until FROM histogram_until"); rows.next();)
    until_[{rows.number(0), rows.number(1)}] = UtcTime{Duration{rows.number(2)}};
}

UtcTime& Histograms::until(std::int64_t strand, Duration width) {
  return until_.try_emplace({strand, width_s(width)}, UtcTime::min()).first->second;
}

void Histograms::put_encoded(Journal& journal, std::int64_t strand, Duration width, const HistogramRow& counts,
                             std::span<const std::byte> delays, bool replace) {
  // Of two Results for one step the one that saw more packets counts.
  constexpr std::string_view kPut =
      "INSERT INTO histogram (strand, width, begin, sent, lost, heavy, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (strand, width, begin) DO UPDATE SET sent = excluded.sent, lost = excluded.lost,"
      " heavy = excluded.heavy, body = excluded.body WHERE ? OR excluded.sent > sent";
  journal.run(kPut, strand, width_s(width), nanoseconds(counts.begin), counts.sent, counts.lost, counts.heavy ? 1 : 0,
              delays, replace ? 1 : 0);
}

void Histograms::set_until(Journal& journal, std::int64_t strand, Duration width, UtcTime until) {
  journal.run("INSERT OR REPLACE INTO histogram_until (strand, width, until) VALUES (?, ?, ?)", strand, width_s(width),
              nanoseconds(until));
}

void Histograms::add(Journal& journal, const Strand& strand, UtcTime begin, const DirectionResult& direction,
                     bool heavy) {
  put_encoded(journal, strand.id, 0s, {begin, direction.counts.sent, direction.counts.lost, heavy, {}},
              direction.histogram, false);
  const auto tiers = histogram_tiers(strand.step);
  for (std::size_t i = 1; i < tiers.size() && begin < until(strand.id, tiers[i].step); ++i)
    merge_slot(journal, strand, Duration{code_of(tiers, i - 1) * 1s}, tiers[i].step, align_down(begin, tiers[i].step));
}

void Histograms::merge_slot(Journal& journal, const Strand& strand, Duration from, Duration width, UtcTime begin) {
  auto rows = rows_of(journal, strand.id, width_s(from), begin, begin + width);
  if (rows.empty()) return;
  const HistogramRow merged = merge(rows, begin);
  put_encoded(journal, strand.id, width, merged, merged.delays.encode());
}

bool Histograms::merge_closed(Journal& journal, const Strand& strand, UtcTime now, std::size_t most) {
  const auto tiers = histogram_tiers(strand.step);
  bool complete = true;
  for (std::size_t i = 1; i < tiers.size(); ++i) {
    const Duration width = tiers[i].step;
    UtcTime& merged = until(strand.id, width);
    UtcTime closed = align_down(now - kGrace, width);
    if (i > 1) {
      // What the finer width has not merged yet cannot be in this one.
      const UtcTime finer = until(strand.id, tiers[i - 1].step);
      if (finer == UtcTime::min()) break;
      closed = std::min(closed, align_down(finer, width));
    }
    if (merged > closed + 24h) merged = closed;  // the clock was ahead
    if (closed <= merged) continue;
    auto rows = rows_of(journal, strand.id, code_of(tiers, i - 1), merged, closed, static_cast<std::int64_t>(most));
    UtcTime done = closed;
    if (rows.size() >= most) {
      // The last slot may be cut, unless it is the only one.
      done = std::max(align_down(rows.back().begin, width), align_down(rows.front().begin, width) + width);
      complete = false;
    }
    for (auto first = rows.begin(); first != rows.end();) {
      const UtcTime slot = align_down(first->begin, width);
      const auto last = std::find_if(first, rows.end(), [&](const HistogramRow& r) { return r.begin >= slot + width; });
      if (slot < done) {
        const HistogramRow row = merge({first, last}, slot);
        put_encoded(journal, strand.id, width, row, row.delays.encode());
      }
      first = last;
    }
    if (rows.empty() && merged == UtcTime::min()) continue;
    merged = done;
    if (!rows.empty()) set_until(journal, strand.id, width, done);
  }
  return complete;
}

std::int64_t Histograms::prune(Journal& journal, const Strand& strand, UtcTime now, std::size_t most) {
  const auto tiers = histogram_tiers(strand.step);
  std::int64_t pruned = 0;
  for (std::size_t i = 0; i < tiers.size(); ++i)
    pruned += journal.run(
        "DELETE FROM histogram WHERE id IN (SELECT id FROM histogram WHERE strand = ? AND width = ? AND begin < ? "
        "LIMIT ?)",
        strand.id, code_of(tiers, i), nanoseconds(now - tiers[i].kept), most);
  return pruned;
}

std::int64_t Histograms::prune_octets(Journal& journal, const Strand& strand, std::size_t most) {
  const auto tiers = histogram_tiers(strand.step);
  std::int64_t pruned = 0;
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const std::int64_t code = code_of(tiers, i);
    std::int64_t rows_kept = 0, octets = 0;
    {
      auto rows = journal.query("SELECT count(*), sum(length(body)) FROM histogram WHERE strand = ? AND width = ?",
                                strand.id, code);
      if (rows.next()) rows_kept = rows.number(0), octets = rows.number(1);
    }
    const std::int64_t allowed = histogram_octets(tiers[i].step) * histogram_rows(tiers[i]);
    if (octets <= allowed) continue;
    const std::int64_t excess = std::max<std::int64_t>(1, rows_kept * (octets - allowed) / octets);
    pruned += journal.run(
        "DELETE FROM histogram WHERE id IN (SELECT id FROM histogram WHERE strand = ? AND width = ? ORDER BY begin "
        "LIMIT ?)",
        strand.id, code, std::min<std::int64_t>(excess, static_cast<std::int64_t>(most)));
  }
  return pruned;
}

std::int64_t Histograms::erase(Journal& journal, std::int64_t strand, std::size_t most) {
  const std::int64_t erased = journal.run(
      "DELETE FROM histogram WHERE id IN (SELECT id FROM histogram WHERE strand = ? LIMIT ?)", strand, most);
  if (erased > 0) return erased;
  journal.run("DELETE FROM histogram_until WHERE strand = ?", strand);
  std::erase_if(until_, [&](const auto& entry) { return entry.first.first == strand; });
  return 0;
}

void Histograms::read(Journal& journal, const Strand& strand, const Tier& tier, TimeRange range,
                      const std::function<void(HistogramRow)>& take) {
  const auto tiers = histogram_tiers(strand.step);
  UtcTime begin = range.begin;
  for (std::size_t i = tiers.size(); i-- > 0 && begin < range.end;) {
    if (tiers[i].step > tier.step) continue;
    UtcTime end = range.end;
    if (i > 0) {
      auto rows = journal.query("SELECT until FROM histogram_until WHERE strand = ? AND width = ?", strand.id,
                                width_s(tiers[i].step));
      end = rows.next() ? std::min(end, UtcTime{Duration{rows.number(0)}}) : begin;
    }
    if (end <= begin) continue;
    for (auto rows = journal.query(kSelect, strand.id, code_of(tiers, i), nanoseconds(begin), nanoseconds(end), -1);
         rows.next();)
      take(row_of(rows));
    begin = end;
  }
}

}  // namespace sonde
