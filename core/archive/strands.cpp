#include "core/archive/strands.h"

#include <algorithm>
#include <mutex>

#include "core/archive/result_table.h"

namespace sonde {

std::vector<StrandValues> strands_in(const Result& result) {
  std::vector<StrandValues> strands;
  for (const Statistic& s : result.statistics) {
    // Statistics of a strand mostly follow each other.
    auto found = std::find_if(strands.rbegin(), strands.rend(), [&](const StrandValues& v) {
      return v.key.direction == s.direction && v.key.subject == s.subject;
    });
    if (found == strands.rend()) {
      strands.push_back({{result.test, result.revision, s.direction, s.subject}, {}});
      found = strands.rbegin();
    }
    found->statistics.push_back(&s);
  }
  return strands;
}

const DirectionResult* direction_in(const Result& result, Direction direction) {
  const auto found = std::ranges::find(result.directions, direction, &DirectionResult::direction);
  return found == result.directions.end() ? nullptr : &*found;
}

void Strands::create(Journal& journal) {
  journal.execute(
      "CREATE TABLE IF NOT EXISTS strand (id INTEGER PRIMARY KEY, test INTEGER NOT NULL, revision INTEGER NOT NULL,"
      " direction INTEGER NOT NULL, subject TEXT NOT NULL, step INTEGER NOT NULL, first INTEGER NOT NULL,"
      " last INTEGER NOT NULL, parts INTEGER NOT NULL);"
      "CREATE TABLE IF NOT EXISTS series (strand INTEGER NOT NULL, metric INTEGER NOT NULL, part INTEGER NOT NULL,"
      " combining INTEGER NOT NULL,"
      " PRIMARY KEY (strand, metric)) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS revision (test INTEGER NOT NULL, revision INTEGER NOT NULL,"
      " PRIMARY KEY (test, revision)) WITHOUT ROWID");
}

void Strands::load(Journal& journal) {
  const std::unique_lock lock(mutex_);
  const auto word = [&](std::int64_t id) { return std::string(names_.word(static_cast<Names::Id>(id))); };
  for (auto rows = journal.query("SELECT test, revision FROM revision"); rows.next();)
    revisions_[word(rows.number(0))].insert(static_cast<std::uint32_t>(rows.number(1)));
  for (auto rows = journal.query("SELECT id, test, revision, direction, subject, step, first, last, parts FROM strand");
       rows.next();) {
    Strand s;
    s.id = rows.number(0);
    s.key = {word(rows.number(1)), static_cast<std::uint32_t>(rows.number(2)), static_cast<Direction>(rows.number(3)),
             std::string(rows.text(4))};
    s.step = Duration{rows.number(5)};
    s.first = UtcTime{Duration{rows.number(6)}};
    s.last = UtcTime{Duration{rows.number(7)}};
    s.parts = static_cast<int>(rows.number(8));
    newest_id_ = std::max(newest_id_, s.id);
    keys_[s.id] = s.key;
    strands_[s.key] = std::move(s);
  }
  for (auto rows = journal.query("SELECT strand, metric, part, combining FROM series"); rows.next();)
    if (const auto key = keys_.find(rows.number(0)); key != keys_.end())
      strands_[key->second].metrics[word(rows.number(1))] = {static_cast<int>(rows.number(2)),
                                                             static_cast<Combining>(rows.number(3))};
}

std::optional<Strand> Strands::find(const StrandKey& key) const {
  const std::shared_lock lock(mutex_);
  const auto found = strands_.find(key);
  return found == strands_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Strand> Strands::find(std::int64_t id) const {
  const std::shared_lock lock(mutex_);
  const auto found = keys_.find(id);
  return found == keys_.end() ? std::nullopt : std::optional(strands_.at(found->second));
}

std::vector<Strand> Strands::of_test(const std::string& test) const {
  const std::shared_lock lock(mutex_);
  std::vector<Strand> all;
  for (auto it = strands_.lower_bound({test, 0, Direction::none, ""}); it != strands_.end() && it->first.test == test;
       ++it)
    all.push_back(it->second);
  return all;
}

std::vector<std::uint32_t> Strands::revisions(const std::string& test) const {
  const std::shared_lock lock(mutex_);
  const auto found = revisions_.find(test);
  if (found == revisions_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

void Strands::note(const Result& result) {
  const bool aligned = keeping_of(result) == Keeping::aligned;
  const UtcTime begin = aligned ? slot_of(result).begin : result.begin;
  const auto all = strands_in(result);
  const std::unique_lock lock(mutex_);
  if (revisions_[result.test].insert(result.revision).second) new_revisions_.emplace(result.test, result.revision);
  for (const StrandValues& values : all) {
    Strand& strand = change(values.key);
    // A time in doubt would stretch the extent by decades.
    if (!result.time_in_doubt) {
      strand.first = std::min(strand.first, begin);
      strand.last = std::max(strand.last, begin);
    }
    if (aligned && strand.step == Duration::zero()) strand.step = result.step;
    auto& noted = noted_[strand.id];
    for (const Statistic* s : values.statistics)
      if (noted.insert(s->metric).second && !strand.metrics.contains(s->metric->key))
        strand.metrics.emplace(s->metric->key, SeriesEntry{0, combining_of(*s->metric)});
  }
}

/// With the lock held.
Strand& Strands::change(const StrandKey& key) {
  auto found = strands_.find(key);
  if (found == strands_.end()) {
    found = strands_.emplace(key, Strand{}).first;
    found->second.id = ++newest_id_;
    found->second.key = key;
    keys_[found->second.id] = key;
  }
  changed_.insert(found->second.id);
  return found->second;
}

void Strands::place(const StrandKey& key, std::string_view metric, int part) {
  const std::unique_lock lock(mutex_);
  Strand& strand = change(key);
  strand.metrics[std::string(metric)].part = part;
  strand.parts = std::max(strand.parts, part);
}

void Strands::write(Journal& journal) {
  std::vector<Strand> strands;
  {
    const std::unique_lock lock(mutex_);
    in_flight_.merge(changed_);
    revisions_in_flight_.merge(new_revisions_);
    changed_.clear();
    new_revisions_.clear();
    for (const std::int64_t id : in_flight_) strands.push_back(strands_.at(keys_.at(id)));
  }
  for (const Strand& strand : strands) write(journal, names_, strand);
  for (const auto& [test, revision] : revisions_in_flight_)
    journal.run("INSERT OR IGNORE INTO revision (test, revision) VALUES (?, ?)", names_.id_of(test), revision);
}

void Strands::write(Journal& journal, Names& names, const Strand& s) {
  journal.run(
      "INSERT OR REPLACE INTO strand (id, test, revision, direction, subject, step, first, last, parts)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      s.id, names.id_of(s.key.test), s.key.revision, static_cast<int>(s.key.direction), s.key.subject, s.step.count(),
      s.first.time_since_epoch().count(), s.last.time_since_epoch().count(), s.parts);
  for (const auto& [metric, entry] : s.metrics)
    journal.run(
        "INSERT INTO series (strand, metric, part, combining) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET part = excluded.part WHERE part != excluded.part",
        s.id, names.id_of(metric), entry.part, static_cast<int>(entry.combining));
}

void Strands::written() {
  const std::unique_lock lock(mutex_);
  in_flight_.clear();
  revisions_in_flight_.clear();
}

void Strands::erase(Journal& journal, const std::string& test) {
  const std::unique_lock lock(mutex_);
  for (auto it = strands_.lower_bound({test, 0, Direction::none, ""});
       it != strands_.end() && it->first.test == test;) {
    journal.run("DELETE FROM series WHERE strand = ?", it->second.id);
    journal.run("DELETE FROM strand WHERE id = ?", it->second.id);
    keys_.erase(it->second.id);
    noted_.erase(it->second.id);
    changed_.erase(it->second.id);
    in_flight_.erase(it->second.id);
    it = strands_.erase(it);
  }
  journal.run("DELETE FROM revision WHERE test = ?", names_.find(test));
  revisions_.erase(test);
}

std::vector<std::int64_t> Strands::ids() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::int64_t> all;
  for (const auto& [id, key] : keys_) all.push_back(id);
  return all;
}

}  // namespace sonde
