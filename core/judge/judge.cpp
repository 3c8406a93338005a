#include "core/judge/judge.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "core/base/error.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPast = 28 * 24h, kRebuild = 1h, kSpark = 6h, kSparkStep = 5min, kRecent = 25min, kDay = 24h;
constexpr std::size_t kMostRecent = 200, kLeastRecent = 4;

bool judged_direction(Direction direction) {
  return direction == Direction::forward || direction == Direction::reverse || direction == Direction::round_trip;
}

/// The newest sample alone is beyond what is normal: not yet worse, but to be watched.
bool newest_beyond(const Judgement& judgement, const BaselineSample& newest) {
  if (judgement.verdict != Verdict::normal || !judgement.limit || newest.heavy) return false;
  return newest.value && *newest.value > *judgement.limit;
}

PathState state_of(const Judgement& delay, const Judgement& loss, const BaselineSample& newest) {
  const auto any = [&](Verdict verdict) { return delay.verdict == verdict || loss.verdict == verdict; };
  if (any(Verdict::no_answer) || any(Verdict::worse) || any(Verdict::lossy)) return PathState::bad;
  if (any(Verdict::clock_invalid) || newest_beyond(delay, newest)) return PathState::watch;
  if (any(Verdict::learning)) return PathState::learning;
  return any(Verdict::normal) ? PathState::good : PathState::unknown;
}

void note_newest(Judged& now, const Result& result, Direction direction) {
  const auto statistic = [&](const Metric& metric) {
    const Statistic* found = find_statistic(result, metric, direction);
    return found ? std::optional(*found) : std::nullopt;
  };
  const auto counted = std::ranges::find(result.directions, direction, &DirectionResult::direction);
  now.updated = result.end;
  now.newest_delay = statistic(metric::delay_p50);
  now.newest_loss = statistic(metric::loss_ratio);
  now.newest_counts = counted == result.directions.end() ? Counts{} : counted->counts;
  if (!result.local_address.is_unspecified()) now.local_address = result.local_address;
  if (!result.remote_address.is_unspecified()) now.remote_address = result.remote_address;
  now.same_clock = result.own_clocks_only;
  now.health = result.health;
}

bool alarming(PathState state) { return state == PathState::bad || state == PathState::watch; }

/// Three Results should have come since, and what comes late may do so.
Duration patience(const Schedule& schedule) {
  if (schedule.kind == Schedule::Kind::once) return Duration::max();
  return std::max<Duration>(5min, 3 * longest_gap(schedule) + schedule.spread + 2min);
}

}  // namespace

std::string_view to_string(PathState state) {
  static constexpr std::string_view kNames[] = {"good", "learning", "unknown", "watch", "bad"};
  return kNames[static_cast<int>(state)];
}

struct Judge::Entry {
  Baseline delay{.kind = SeriesKind::delay}, loss{.kind = SeriesKind::loss};
  std::deque<BaselineSample> recent;
  std::optional<SteadyTime> built, spark_made;
  Followed followed;
  Judged now;
};

Judge::Judge(const Archive& archive, const Clock& clock) : archive_(archive), clock_(clock) {}
Judge::~Judge() = default;

void Judge::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Judge::stop() { thread_ = {}; }

void Judge::follow(const std::shared_ptr<const Config>& config,
                   const std::map<std::string, std::shared_ptr<const Result>>& latest) {
  const std::lock_guard lock(mutex_);
  if (config != config_) {
    config_ = config;
    followed_.clear();
    for (const TestSpec& spec : config->tests) {
      const bool continuous = spec.schedule.kind == Schedule::Kind::continuous;
      followed_[spec.id] = {spec.revision, continuous ? spec.schedule.period : Duration::zero(),
                            patience(spec.schedule)};
    }
    std::erase_if(entries_, [&](const auto& entry) {
      const auto found = followed_.find(entry.first.test);
      return found == followed_.end() || found->second.revision != entry.first.revision;
    });
  }
  for (const auto& [test, result] : latest) {
    const auto first = entries_.lower_bound({test, 0, Direction::none});
    if (result && (first == entries_.end() || first->first.test != test)) take_locked(*result);
  }
}

void Judge::take(const Result& result) {
  const std::lock_guard lock(mutex_);
  take_locked(result);
}

void Judge::take_locked(const Result& result) {
  const auto followed = followed_.find(result.test);
  if (followed == followed_.end() || followed->second.revision != result.revision) return;
  for (const DirectionResult& each : result.directions) take_direction(result, each.direction, followed->second);
  if (!result.directions.empty()) return;
  // a run that failed before it knew a direction speaks about all that the test has had
  for (const auto& [key, entry] : entries_)
    if (key.test == result.test) take_direction(result, key.direction, followed->second);
}

void Judge::take_direction(const Result& result, Direction direction, const Followed& followed) {
  const auto sample = sample_of(result, direction);
  if (!judged_direction(direction) || !sample) return;
  auto& entry = entries_[{result.test, result.revision, direction}];
  if (!entry) entry = std::make_unique<Entry>();
  entry->followed = followed;
  // what comes late was judged already without it
  if (!entry->recent.empty() && sample->time < entry->recent.back().time) return;
  entry->recent.push_back(*sample);
  while (entry->recent.size() > kMostRecent ||
         (entry->recent.size() > kLeastRecent && entry->recent.front().time < sample->time - kRecent))
    entry->recent.pop_front();
  entry->now.clock_known = sample->clock_valid;
  note_newest(entry->now, result, direction);
  judge_newest(*entry);
}

/// With mutex_ held.
void Judge::judge_newest(Entry& entry) {
  if (entry.recent.empty()) return;
  const std::vector<BaselineSample> recent(entry.recent.begin(), entry.recent.end());
  entry.now.delay = judge(entry.delay, recent);
  entry.now.loss = judge(entry.loss, recent);
  const bool was = alarming(entry.now.state);
  entry.now.state = state_of(entry.now.delay, entry.now.loss, recent.back());
  if (!alarming(entry.now.state))
    entry.now.since.reset();
  else if (!was || !entry.now.since)
    entry.now.since = recent.back().time - entry.followed.step;
}

std::optional<Judge::Key> Judge::due(bool& baseline, bool& first) const {
  const SteadyTime now = clock_.steady_now();
  std::optional<Key> oldest;
  SteadyTime when = SteadyTime::max();
  for (const auto& [key, entry] : entries_) {
    if (!entry->built) {
      baseline = first = true;
      return key;
    }
    const SteadyTime next = std::min(*entry->built + kRebuild, entry->spark_made.value_or(SteadyTime{}) + kSparkStep);
    if (next <= now && next < when) {
      when = next;
      oldest = key;
      baseline = *entry->built + kRebuild <= now;
    }
  }
  return oldest;
}

bool Judge::work() {
  std::optional<Key> key;
  bool baseline = false;
  Duration step{};
  {
    const std::lock_guard lock(mutex_);
    learning_ = false;
    key = due(baseline, learning_);
    if (key) step = entries_.at(*key)->followed.step;
  }
  if (!key) return false;
  if (baseline) build(*key, step);
  refresh_sparkline(*key);
  return true;
}

void Judge::build(const Key& key, Duration step) {
  const UtcTime now = clock_.utc_now();
  const auto past = read_past(archive_, key.test, key.revision, key.direction, step, {now - kPast, now + 1min});
  const UtcTime oldest_judged = now - kRecent;
  const Baseline delay = build_baseline(SeriesKind::delay, past, oldest_judged);
  const Baseline loss = build_baseline(SeriesKind::loss, past, oldest_judged);
  std::vector<BaselineSample> day;
  std::ranges::copy_if(past, std::back_inserter(day), [&](const BaselineSample& s) { return s.time > now - kDay; });
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  Entry& entry = *found->second;
  const bool first = !entry.built;
  entry.delay = delay;
  entry.loss = loss;
  entry.built = clock_.steady_now();
  entry.now.built = true;
  if (first) {
    // the Results from before the start, so that three of them need not be waited for
    std::deque<BaselineSample> recent;
    const UtcTime known = entry.recent.empty() ? UtcTime::max() : entry.recent.front().time;
    for (const BaselineSample& sample : day)
      if (sample.time > now - kRecent && sample.time < known) recent.push_back(sample);
    entry.recent.insert(entry.recent.begin(), recent.begin(), recent.end());
  }
  judge_newest(entry);
  if (first && alarming(entry.now.state)) find_since(entry, day);
}

/// With mutex_ held: goes back through the last day while it was alarming.
void Judge::find_since(Entry& entry, const std::vector<BaselineSample>& day) {
  for (std::size_t end = day.size(); end > 0; --end) {
    const std::size_t begin = end > kMostRecent / 4 ? end - kMostRecent / 4 : 0;
    const std::span recent(day.data() + begin, end - begin);
    if (!alarming(state_of(judge(entry.delay, recent), judge(entry.loss, recent), recent.back()))) break;
    entry.now.since = recent.back().time - entry.followed.step;
  }
}

void Judge::refresh_sparkline(const Key& key) {
  const UtcTime now = clock_.utc_now();
  auto smoke =
      archive_.smoke(key.test, key.revision, key.direction, {align_down(now, kSparkStep) - kSpark, now}, kSparkStep);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  found->second->spark_made = clock_.steady_now();
  found->second->now.sparkline = std::make_shared<const Smoke>(std::move(smoke));
}

void Judge::run(std::stop_token stop) {
  ::setpriority(PRIO_PROCESS, 0, 10);  // of this thread alone, on Linux
  while (!stop.stop_requested()) {
    const auto begun = std::chrono::steady_clock::now();
    bool more = false;
    try {
      more = work();
    } catch (const Error&) {
      // the archive says itself why it cannot be read; the next turn tries again
    }
    const auto took = std::chrono::steady_clock::now() - begun;
    std::unique_lock lock(mutex_);
    never_.wait_for(lock, stop, more ? std::max<Duration>(took * (learning_ ? 2 : 9), 1ms) : Duration(1s),
                    [] { return false; });
  }
}

/// With mutex_ held. What is old is not good any more.
Judged Judge::judged(const Entry& entry, UtcTime now) const {
  Judged out = entry.now;
  out.normal_delay = entry.delay.at(now);
  out.normal_loss = entry.loss.at(now);
  out.baseline_results = entry.delay.results;
  if (out.updated && now - *out.updated > entry.followed.patience) {
    out.state = PathState::unknown;
    out.since = out.updated;
  }
  return out;
}

std::optional<Judged> Judge::find(const Key& key) const {
  const UtcTime now = clock_.utc_now();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return judged(*found->second, now);
}

std::vector<std::pair<Direction, Judged>> Judge::of_test(const TestSpec& spec) const {
  const UtcTime now = clock_.utc_now();
  std::vector<std::pair<Direction, Judged>> out;
  const std::lock_guard lock(mutex_);
  for (auto at = entries_.lower_bound({spec.id, spec.revision, Direction::none}); at != entries_.end(); ++at) {
    if (at->first.test != spec.id || at->first.revision != spec.revision) break;
    out.emplace_back(at->first.direction, judged(*at->second, now));
  }
  return out;
}

PathState Judge::state_of_test(const TestSpec& spec) const {
  PathState worst = PathState::good;
  const auto directions = of_test(spec);
  if (directions.empty()) return PathState::unknown;
  for (const auto& [direction, each] : directions) worst = std::max(worst, each.state);
  return worst;
}

}  // namespace sonde
