#include "core/run/scheduler.h"

#include <algorithm>

#include "core/run/due_times.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kContinuousRetry = 60s;
constexpr Duration kLateStart = 5s;  ///< a loop later than this has missed the run's instant
constexpr Duration kCatchUp = 1h;    ///< of an instant that a step jumped over

bool recurs(const Schedule& schedule) {
  return schedule.kind == Schedule::Kind::every || schedule.kind == Schedule::Kind::at;
}

/// From one instant to the next at least: a day for times of day, which a clock may go back over.
Duration horizon(const Schedule& schedule) {
  return schedule.kind == Schedule::Kind::every ? schedule.period : Duration{24h};
}

}  // namespace

Scheduler::Scheduler(TaskLoop& loop, const Clock& clock, Random& random, SaturatingSlot& slot, Log log, Hooks hooks)
    : loop_(loop),
      clock_(clock),
      random_(random),
      slot_(slot),
      log_(std::move(log)),
      hooks_(std::move(hooks)),
      retries_(loop, clock, random, [this](RunView run) { again(std::move(run)); }) {
  slot_.set_plan([this] { return next_heavy(); });
  slot_.on_free([this] {
    start_queued();
    renumber();
  });
}

Scheduler::~Scheduler() {
  slot_.set_plan([] { return std::nullopt; });
  slot_.on_free([] {});
  if (pause_edge_ != 0) loop_.cancel(pause_edge_);
}

void Scheduler::set_tests(std::span<const TestSpec> tests, const std::map<std::string, UtcTime>& last_planned) {
  std::map<std::string, std::unique_ptr<Planned>> next;
  for (const TestSpec& spec : tests) {
    auto found = tests_.find(spec.id);
    std::unique_ptr<Planned> planned = found != tests_.end() ? std::move(found->second) : std::make_unique<Planned>();
    if (const auto known = last_planned.find(spec.id); known != last_planned.end())
      planned->last_planned = std::max(planned->last_planned, known->second);
    if (planned->spec != spec) {
      halt(*planned);
      planned->spec = spec;
      planned->load = hooks_.load(spec);
      planned->arming = 0;
      plan(*planned, resume_after(*planned));
    }
    next[spec.id] = std::move(planned);
  }
  for (auto& [id, gone] : tests_)
    if (gone) halt(*gone);
  tests_ = std::move(next);
  while (auto run = queue_.take_first([&](const RunView& each) { return !tests_.contains(each.test); })) {
    run->state = RunState::skipped;
    run->end = clock_.utc_now();
    run->sentence = "The test was deleted before this run began.";
    retire(std::move(*run));
  }
  renumber();
}

void Scheduler::set_pauses(std::vector<PauseWindow> pauses) {
  if (pauses == pauses_) return;
  pauses_ = std::move(pauses);
  slot_.set_pauses(pauses_);
  heed_pauses();
  for (auto& [id, planned] : tests_)
    if (planned->spec.schedule.kind == Schedule::Kind::continuous && planned->current.empty())
      plan_continuous(*planned);
}

/// The newest known run is not repeated, unless it lies so far ahead that one of the two clocks was wrong.
UtcTime Scheduler::resume_after(Planned& planned) const {
  const UtcTime now = clock_.utc_now();
  const Schedule& schedule = planned.spec.schedule;
  if (recurs(schedule) && planned.last_planned > now + horizon(schedule)) planned.last_planned = now;
  return std::max(now, planned.last_planned);
}

void Scheduler::plan(Planned& planned, UtcTime after) {
  planned.due.reset();
  planned.when = kNever;
  if (planned.spec.paused) return;
  const Schedule& schedule = planned.spec.schedule;
  if (schedule.kind == Schedule::Kind::once) return plan_once(planned);
  if (schedule.kind == Schedule::Kind::continuous) return plan_continuous(planned);
  std::optional<UtcTime> due = next_after(schedule, after);
  if (!due) return;
  const Anchor anchor = clock_.anchor();
  // Pacing holds in steady time: a step back must not repeat what just ran.
  if (schedule.kind == Schedule::Kind::every && planned.last_instant)
    while (anchor.to_steady(*due) < *planned.last_instant + schedule.period / 2) *due += schedule.period;
  planned.due = due;
  planned.within = draw_spread(planned);
  planned.when = anchor.to_steady(*due + planned.within);
  arm(planned);
}

/// A heavy run leaves half of its spread for trying again.
Duration Scheduler::draw_spread(const Planned& planned) const {
  const Schedule& schedule = planned.spec.schedule;
  Duration spread = std::min(schedule.spread, shortest_gap(schedule));
  if (planned.load.heavy) spread /= 2;
  if (spread <= Duration::zero()) return Duration::zero();
  return Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(spread.count())))};
}

void Scheduler::plan_once(Planned& planned) {
  if (planned.last_planned >= planned.spec.schedule.at) return;  // it has had its run
  planned.due = planned.spec.schedule.at;
  planned.within = Duration::zero();
  planned.when = clock_.anchor().to_steady(*planned.due);
  arm(planned);
}

/// A continuous run that ended is begun anew after a minute, the first one at once; after a pause that lasts longer.
void Scheduler::plan_continuous(Planned& planned) {
  if (planned.spec.paused) return;
  const SteadyTime now = clock_.steady_now();
  planned.when = planned.last_begun ? std::max(now, *planned.last_begun + kContinuousRetry) : now;
  const Anchor anchor = clock_.anchor();
  if (!planned.spec.self_check) planned.when = anchor.to_steady(pause_ends(pauses_, anchor.to_utc(planned.when)));
  arm(planned);
}

void Scheduler::arm(Planned& planned) {
  planned.arming = ++armings_;
  loop_.at(planned.when, [this, test = planned.spec.id, arming = planned.arming] { due(test, arming); });
}

/// The pause that a planned run which begins now would fall into, or a heavy one would not be over before.
const PauseWindow* Scheduler::pause_of(const Planned& planned) const {
  if (planned.spec.self_check) return nullptr;
  const UtcTime now = clock_.utc_now();
  return pause_within(pauses_, now, now + planned.load.length);
}

void Scheduler::due(const std::string& test, std::uint64_t arming) {
  const auto found = tests_.find(test);
  if (found == tests_.end() || found->second->arming != arming) return;
  Planned& planned = *found->second;
  const Schedule& schedule = planned.spec.schedule;
  const SteadyTime steady = clock_.steady_now();
  const Duration late = steady - planned.when;
  const UtcTime instant = planned.due.value_or(clock_.utc_now());
  RunView run = make_run(planned.spec, "schedule", instant);
  planned.last_planned = std::max(planned.last_planned, instant);
  planned.last_instant = steady - planned.within;
  if (!planned.current.empty()) {
    skip(planned, run, "The run before it, " + planned.current + ", had not ended yet.");
  } else if (schedule.kind == Schedule::Kind::once && late > kLateStart) {
    skip(planned, run, "Its time, " + format_utc(instant, 0) + ", had passed when the node could have begun it.");
  } else {
    planned.retry_until = *planned.last_instant + schedule.spread;
    attempt(planned, std::move(run));
  }
  if (!recurs(schedule)) {
    planned.due.reset();
    planned.when = kNever;
    return;
  }
  note_missed(planned, clock_.utc_now());
  plan(planned, resume_after(planned));
}

/// Instants that passed while the loop could not look (a stopped machine): told as one skipped run.
void Scheduler::note_missed(Planned& planned, UtcTime until) {
  const Schedule& schedule = planned.spec.schedule;
  const UtcTime looked = until - schedule.spread;
  const std::int64_t missed = count_between(schedule, planned.last_planned, looked);
  if (missed == 0) return;
  const UtcTime first = *next_after(schedule, planned.last_planned);
  RunView run = make_run(planned.spec, "schedule", first);
  planned.last_planned = *newest_until(schedule, looked);
  skip(planned, run,
       std::to_string(missed) + (missed == 1 ? " run" : " runs") + " from " + format_utc(first, 0) +
           " on could not begin: the node was held up.");
}

void Scheduler::clock_stepped(Duration step) {
  log_.warning("the clock was stepped: runs are planned anew", {{"step", format_duration(step)}});
  for (auto& [id, planned] : tests_)
    // A continuous session heeds the step itself.
    if (planned->spec.schedule.kind != Schedule::Kind::continuous) plan_after_step(*planned, step);
  heed_pauses();
}

void Scheduler::plan_after_step(Planned& planned, Duration step) {
  const Schedule& schedule = planned.spec.schedule;
  const UtcTime now = clock_.utc_now(), before = now - step;
  const bool every = schedule.kind == Schedule::Kind::every;
  // Its instant has come already and it only waits out its part of the spread, in steady time.
  if (recurs(schedule) && planned.due && *planned.due <= before && planned.when != kNever) {
    if (every || step > Duration::zero() || *planned.due > now + horizon(schedule))
      planned.due = newest_until(schedule, now);
    return;
  }
  // Instants of a period that the step jumped over never were, and those it brings back have had their run.
  if (every) planned.last_planned = align_down(now, schedule.period);
  const UtcTime after = resume_after(planned);
  if (schedule.kind == Schedule::Kind::at && step > Duration::zero() && !planned.spec.paused) {
    const auto jumped = newest_until(schedule, now);
    if (jumped && *jumped > std::max(before, planned.last_planned)) return catch_up(planned, *jumped);
  }
  plan(planned, after);
}

/// A time of day that the clock was set past: its run is not lost for that.
void Scheduler::catch_up(Planned& planned, UtcTime jumped) {
  if (clock_.utc_now() - jumped <= kCatchUp) {
    planned.due = jumped;
    planned.within = Duration::zero();
    planned.when = clock_.steady_now();
    return arm(planned);
  }
  planned.last_planned = jumped;
  skip(planned, make_run(planned.spec, "schedule", jumped),
       "Its time, " + format_utc(jumped, 0) + ", was jumped over when the clock was set forward.");
  plan(planned, resume_after(planned));
}

/// Stops continuous runs when a pause begins, and looks again at the next edge.
void Scheduler::heed_pauses() {
  const UtcTime now = clock_.utc_now();
  if (pause_within(pauses_, now, now))
    for (auto& [id, planned] : tests_)
      if (planned->spec.schedule.kind == Schedule::Kind::continuous && !planned->spec.self_check) halt(*planned);
  if (pause_edge_ != 0) loop_.cancel(pause_edge_);
  pause_edge_ = 0;
  if (const auto edge = next_pause_edge(pauses_, now))
    pause_edge_ = loop_.at(clock_.anchor().to_steady(*edge), [this] {
      pause_edge_ = 0;
      heed_pauses();
    });
}

/// Runs that wait to be tried again are not in it: a node with some of them would let nobody in, and nodes that wait
/// for each other would wait for ever.
std::optional<SaturatingSlot::Upcoming> Scheduler::next_heavy() const {
  std::optional<SaturatingSlot::Upcoming> next;
  for (const auto& [id, planned] : tests_)
    if (planned->load.heavy && planned->when != kNever && (!next || planned->when < next->when))
      next = {planned->when, planned->spec.title};
  return next;
}

std::map<std::string, UtcTime> Scheduler::next_due() const {
  std::map<std::string, UtcTime> due;
  for (const auto& [id, planned] : tests_)
    if (planned->due) due[id] = *planned->due;
  return due;
}

}  // namespace sonde
