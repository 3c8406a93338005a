#include "test/support/memory_archive.h"

#include <algorithm>
#include <set>

namespace sonde::test {

bool MemoryArchive::store(Result result) {
  auto kept = std::make_shared<const Result>(std::move(result));
  {
    const std::lock_guard lock(mutex_);
    results_.push_back(kept);
  }
  if (listener_) listener_(kept);
  return true;
}

void MemoryArchive::store_event(Event event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
}

void MemoryArchive::on_stored(std::function<void(std::shared_ptr<const Result>)> listener) {
  listener_ = std::move(listener);
}

std::vector<SeriesInfo> MemoryArchive::series(const std::string&) const { return {}; }

Series MemoryArchive::fetch(const SeriesKey& key, TimeRange range, Duration) const {
  Series series{key, {}, {}};
  for (const auto& result : results({.test = key.test, .range = range, .limit = SIZE_MAX}))
    for (const Statistic& s : result->statistics)
      if (result->revision == key.revision && s.metric->key == key.metric && s.direction == key.direction &&
          s.subject == key.subject)
        series.points.push_back({result->begin, s.value, s.interval.low, s.interval.high, {}});
  std::ranges::reverse(series.points);
  return series;
}

Smoke MemoryArchive::smoke(const std::string&, std::uint32_t, Direction, TimeRange, Duration) const { return {}; }

std::vector<std::shared_ptr<const Result>> MemoryArchive::results(const ResultQuery& query) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const Result>> found;
  for (auto it = results_.rbegin(); it != results_.rend() && found.size() < query.limit; ++it) {
    const Result& r = **it;
    if (!query.test.empty() && r.test != query.test) continue;
    const bool in_time = query.range == TimeRange{} || query.range.contains(r.begin);
    if (!in_time || (query.outcome && r.outcome != *query.outcome)) continue;
    if (!query.before_id.empty() && r.id >= query.before_id) continue;
    found.push_back(*it);
  }
  return found;
}

std::shared_ptr<const Result> MemoryArchive::result(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(results_, [&](const auto& r) { return r->id == id; });
  return found == results_.end() ? nullptr : *found;
}

std::vector<Event> MemoryArchive::events(TimeRange range, const std::string& test, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<Event> found;
  for (auto it = events_.rbegin(); it != events_.rend() && found.size() < limit; ++it)
    if (range.contains(it->time) && (test.empty() || it->test == test)) found.push_back(*it);
  return found;
}

std::vector<std::uint32_t> MemoryArchive::revisions(const std::string& test) const {
  std::set<std::uint32_t> found;
  for (const auto& r : results({.test = test, .limit = SIZE_MAX})) found.insert(r->revision);
  return {found.begin(), found.end()};
}

void MemoryArchive::delete_test(const std::string& test) {
  const std::lock_guard lock(mutex_);
  std::erase_if(results_, [&](const auto& r) { return r->test == test; });
}

ArchiveState MemoryArchive::state() const {
  const std::lock_guard lock(mutex_);
  return {.results = results_.size()};
}

}  // namespace sonde::test
