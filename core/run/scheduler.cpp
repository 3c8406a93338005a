#include "core/run/scheduler.h"

#include <algorithm>

#include "core/base/identifier.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRemembered = 200;
constexpr std::size_t kQueueRoom = 100;
constexpr std::size_t kOnDemandAtOnce = 8;
constexpr Duration kContinuousRetry = 60s;
constexpr Duration kLateStart = 5s;  ///< a loop later than this has missed the run's instant

bool on_demand(const RunView& run) { return run.requester != "schedule"; }

}  // namespace

/// One test with its next instant. The timer bears an arming number, so that one left over does nothing.
struct Scheduler::Planned {
  TestSpec spec;
  std::optional<UtcTime> due;  ///< next planned instant, without spread
  UtcTime last_planned{};      ///< zero = none yet
  std::optional<SteadyTime> last_begun;
  SteadyTime when = kNever;  ///< due with its spread
  std::uint64_t arming = 0;
  std::string running;     ///< run id
  Duration last_length{};  ///< of the newest ended run: what a waiting one is told
};

Scheduler::Scheduler(TaskLoop& loop, const Clock& clock, Random& random, Log log, Hooks hooks)
    : loop_(loop), clock_(clock), random_(random), log_(std::move(log)), hooks_(std::move(hooks)) {}
Scheduler::~Scheduler() = default;

void Scheduler::set_tests(std::span<const TestSpec> tests, const std::map<std::string, UtcTime>& last_planned) {
  std::map<std::string, std::unique_ptr<Planned>> next;
  for (const TestSpec& spec : tests) {
    auto found = tests_.find(spec.id);
    std::unique_ptr<Planned> planned = found != tests_.end() ? std::move(found->second) : std::make_unique<Planned>();
    const bool same = planned->spec == spec;
    planned->spec = spec;
    if (const auto known = last_planned.find(spec.id); known != last_planned.end())
      planned->last_planned = std::max(planned->last_planned, known->second);
    if (!same) {
      if (!planned->running.empty()) hooks_.stop(planned->running);
      planned->arming = 0;
      plan(*planned, restart_after(*planned));
    }
    next[spec.id] = std::move(planned);
  }
  for (auto& [id, gone] : tests_)
    if (gone && !gone->running.empty()) hooks_.stop(gone->running);
  tests_ = std::move(next);
  std::erase_if(queue_, [&](RunView& run) {
    if (tests_.contains(run.test)) return false;
    run.state = RunState::skipped;
    run.end = clock_.utc_now();
    run.sentence = "The test was deleted before this run began.";
    retire(run);
    return true;
  });
  renumber();
}

/// The newest known run is not repeated, unless it lies so far ahead that one of the two clocks was wrong.
UtcTime Scheduler::restart_after(Planned& planned) const {
  const UtcTime now = clock_.utc_now();
  const bool every = planned.spec.schedule.kind == Schedule::Kind::every;
  if (every && planned.last_planned > now + planned.spec.schedule.period) planned.last_planned = now;
  return std::max(now, planned.last_planned);
}

void Scheduler::plan(Planned& planned, UtcTime after) {
  planned.due.reset();
  planned.when = kNever;
  if (planned.spec.paused) return;
  const Schedule& schedule = planned.spec.schedule;
  const Anchor anchor = clock_.anchor();
  if (schedule.kind == Schedule::Kind::once) return plan_once(planned);
  if (schedule.kind == Schedule::Kind::continuous) {
    const SteadyTime now = clock_.steady_now();
    // A continuous run that ended is begun anew after a minute, the first one at once.
    planned.when = planned.last_begun ? std::max(now, *planned.last_begun + kContinuousRetry) : now;
    return arm(planned);
  }
  UtcTime due = align_down(after, schedule.period) + schedule.period;
  // Pacing holds in steady time: a step back must not repeat what just ran.
  if (planned.last_begun)
    while (anchor.to_steady(due) < *planned.last_begun + schedule.period / 2) due += schedule.period;
  planned.due = due;
  const Duration spread = std::min(schedule.spread, schedule.period);
  const auto within =
      spread > Duration::zero()
          ? Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(spread.count())))}
          : Duration::zero();
  planned.when = anchor.to_steady(due + within);
  arm(planned);
}

void Scheduler::plan_once(Planned& planned) {
  if (planned.last_planned >= planned.spec.schedule.at) return;  // it has had its run
  planned.due = planned.spec.schedule.at;
  planned.when = clock_.anchor().to_steady(*planned.due);
  arm(planned);
}

void Scheduler::arm(Planned& planned) {
  planned.arming = ++armings_;
  loop_.at(planned.when, [this, test = planned.spec.id, arming = planned.arming] { due(test, arming); });
}

void Scheduler::due(const std::string& test, std::uint64_t arming) {
  const auto found = tests_.find(test);
  if (found == tests_.end() || found->second->arming != arming) return;
  Planned& planned = *found->second;
  const UtcTime now = clock_.utc_now();
  const Duration late = clock_.steady_now() - planned.when;
  const UtcTime instant = planned.due.value_or(now);
  RunView run = make_run(planned.spec, "schedule", instant);
  planned.last_planned = std::max(planned.last_planned, instant);
  const bool once = planned.spec.schedule.kind == Schedule::Kind::once;
  if (!planned.running.empty()) {
    skip(planned, run, "The run before it, " + planned.running + ", had not ended yet.");
  } else if (once && late > kLateStart) {
    skip(planned, run, "Its time, " + format_utc(instant, 0) + ", had passed when the node could have begun it.");
  } else {
    begin(planned, std::move(run));
  }
  if (planned.spec.schedule.kind != Schedule::Kind::every) {
    planned.due.reset();
    return;
  }
  note_missed(planned, now);
  plan(planned, std::max(now, instant));
}

/// Instants that passed while the loop could not look (a stopped machine): told as one skipped run.
void Scheduler::note_missed(Planned& planned, UtcTime until) {
  const Duration period = planned.spec.schedule.period;
  const UtcTime first = planned.last_planned + period;
  const UtcTime last = align_down(until - planned.spec.schedule.spread, period);
  if (last < first) return;
  const auto missed = (last - first) / period + 1;
  RunView run = make_run(planned.spec, "schedule", first);
  planned.last_planned = last;
  skip(planned, run,
       std::to_string(missed) + (missed == 1 ? " run" : " runs") + " from " + format_utc(first, 0) +
           " on could not begin: the node was held up.");
}

RunView Scheduler::make_run(const TestSpec& spec, const std::string& requester, UtcTime planned) {
  RunView run;
  run.id = make_id(clock_.utc_now(), random_);
  run.test = spec.id;
  run.title = spec.title;
  run.probe = spec.probe;
  run.requester = requester;
  run.planned = planned;
  return run;
}

void Scheduler::begin(Planned& planned, RunView run) {
  run.state = RunState::running;
  run.begin = clock_.utc_now();
  run.queue_position = 0;
  run.expected_start.reset();
  run.sentence.clear();
  planned.running = run.id;
  if (!on_demand(run)) planned.last_begun = clock_.steady_now();
  running_[run.id] = run;
  log_.debug("run begins", {{"run", run.id}, {"test", run.test}, {"requester", run.requester}});
  hooks_.start(planned.spec, run);
}

void Scheduler::skip(const Planned& planned, RunView run, std::string sentence) {
  run.state = RunState::skipped;
  run.end = clock_.utc_now();
  run.sentence = std::move(sentence);
  log_.info("run skipped", {{"test", run.test}, {"why", run.sentence}});
  hooks_.not_started(planned.spec, run);
  retire(std::move(run));
}

void Scheduler::retire(RunView run) {
  ended_.push_front(std::move(run));
  if (ended_.size() > kRemembered) ended_.pop_back();
}

RunView Scheduler::run_now(const std::string& test, const std::string& requester) {
  const auto found = tests_.find(test);
  RunView run = make_run(found != tests_.end() ? found->second->spec : TestSpec{}, requester, clock_.utc_now());
  run.test = test;
  const auto refuse = [&](std::string sentence) {
    run.state = RunState::refused;
    run.end = run.planned;
    run.sentence = std::move(sentence);
    if (found != tests_.end()) hooks_.not_started(found->second->spec, run);
    retire(run);
    return run;
  };
  if (found == tests_.end()) return refuse("There is no such test any more.");
  if (found->second->spec.schedule.kind == Schedule::Kind::continuous)
    return refuse("This test measures all day already; its results arrive by themselves.");
  if (queue_.size() >= kQueueRoom) return refuse("100 runs wait already; try again when some of them have ended.");
  queue_.push_back(run);
  start_queued();
  renumber();
  const std::string id = run.id;
  if (const auto begun = running_.find(id); begun != running_.end()) return begun->second;
  return *std::ranges::find(queue_, id, &RunView::id);
}

void Scheduler::start_queued() {
  auto busy = std::ranges::count_if(running_, [](const auto& entry) { return on_demand(entry.second); });
  for (auto it = queue_.begin(); it != queue_.end() && static_cast<std::size_t>(busy) < kOnDemandAtOnce;) {
    Planned& planned = *tests_.at(it->test);
    if (!planned.running.empty()) {
      ++it;
      continue;
    }
    RunView run = std::move(*it);
    it = queue_.erase(it);
    ++busy;
    begin(planned, std::move(run));
  }
}

void Scheduler::renumber() {
  std::uint32_t position = 0;
  for (RunView& run : queue_) {
    const Planned& planned = *tests_.at(run.test);
    run.queue_position = ++position;
    run.expected_start = expected_start(planned);
    run.sentence = planned.running.empty() ? "Waits for one of the running on-demand tests to end."
                                           : "Waits for the running run of the same test to end.";
  }
}

std::optional<UtcTime> Scheduler::expected_start(const Planned& planned) const {
  const auto running = running_.find(planned.running);
  if (running == running_.end() || planned.last_length == Duration::zero()) return std::nullopt;
  return std::max(clock_.utc_now(), running->second.begin + planned.last_length);
}

bool Scheduler::stop(const std::string& run) {
  if (running_.contains(run)) {
    hooks_.stop(run);
    return true;
  }
  const auto waiting = std::ranges::find(queue_, run, &RunView::id);
  if (waiting == queue_.end()) return false;
  RunView gone = std::move(*waiting);
  queue_.erase(waiting);
  const Planned& planned = *tests_.at(gone.test);
  skip(planned, std::move(gone), "Taken out of the queue before it began.");
  renumber();
  return true;
}

void Scheduler::progress(const std::string& run, double share, std::string phase) {
  const auto found = running_.find(run);
  if (found == running_.end()) return;
  found->second.progress = share;
  found->second.phase = std::move(phase);
}

void Scheduler::ended(const std::string& run, Outcome outcome, std::string sentence) {
  const auto found = running_.find(run);
  if (found == running_.end()) return;
  RunView view = std::move(found->second);
  running_.erase(found);
  view.state = state_of(outcome);
  view.end = clock_.utc_now();
  view.progress = -1;
  view.phase.clear();
  view.sentence = sentence.empty() && outcome == Outcome::done ? "Done." : std::move(sentence);
  const auto test = tests_.find(view.test);
  if (test != tests_.end() && test->second->running == run) {
    Planned& planned = *test->second;
    planned.running.clear();
    planned.last_length = std::max(Duration{1ms}, view.end - view.begin);
    if (planned.spec.schedule.kind == Schedule::Kind::continuous) plan(planned, view.end);
  }
  retire(std::move(view));
  start_queued();
  renumber();
}

void Scheduler::clock_stepped(Duration step) {
  log_.warning("the clock was stepped: runs are planned anew", {{"step", format_duration(step)}});
  for (auto& [id, planned] : tests_) {
    if (planned->spec.schedule.kind == Schedule::Kind::continuous) continue;  // its session heeds the step itself
    // Instants that the step jumped over never were, and those it brings back have had their run.
    if (planned->spec.schedule.kind == Schedule::Kind::every)
      planned->last_planned = align_down(clock_.utc_now(), planned->spec.schedule.period);
    plan(*planned, clock_.utc_now());
  }
}

std::vector<RunView> Scheduler::runs() const {
  std::vector<RunView> all(queue_.rbegin(), queue_.rend());
  for (const auto& [id, run] : running_) all.push_back(run);
  std::ranges::stable_sort(all, std::greater{}, &RunView::id);
  all.insert(all.end(), ended_.begin(), ended_.end());
  return all;
}

std::map<std::string, UtcTime> Scheduler::next_due() const {
  std::map<std::string, UtcTime> due;
  for (const auto& [id, planned] : tests_)
    if (planned->due) due[id] = *planned->due;
  return due;
}

}  // namespace sonde
