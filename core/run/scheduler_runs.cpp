#include <algorithm>

#include "core/base/identifier.h"
#include "core/run/scheduler.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRemembered = 200;
constexpr std::size_t kOnDemandAtOnce = 8;
constexpr Duration kBusyPeerWait = 5min;  ///< of an on-demand run
constexpr Duration kLeaseMargin = 10s;    ///< a heavy run is asked to end, and has this time to do so

bool on_demand(const RunView& run) { return run.requester != "schedule"; }

/// As the beginning of a sentence, without its end.
std::string opening(std::string words) {
  while (!words.empty() && words.back() == '.') words.pop_back();
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

std::string times(std::uint32_t count) { return std::to_string(count) + (count == 1 ? " time" : " times"); }

}  // namespace

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

/// Begins the run, unless a pause, the slot or its peer is in the way.
void Scheduler::attempt(Planned& planned, RunView run) {
  run.heavy = planned.load.heavy;
  if (!on_demand(run) || run.heavy)
    if (const PauseWindow* pause = pause_of(planned); pause && planned.spec.schedule.kind != Schedule::Kind::continuous)
      return skip(planned, std::move(run), "Nobody measures from " + describe(*pause) + ".");
  if (!run.heavy) return begin(planned, std::move(run));
  const auto kind = on_demand(run) ? LeaseKind::on_demand : LeaseKind::planned;
  const auto answer = slot_.ask({kind, run.requester, run.id, planned.spec.title, planned.load.length + kLeaseMargin});
  if (!answer) return try_later(planned, std::move(run), Retries::Why::own_slot, opening(answer.sentence));
  leases_[run.id] = answer.lease;
  keep_to_lease(run, planned.load.length);
  begin(planned, std::move(run));
}

/// A run that takes longer than it said is asked to end while it still has the slot.
void Scheduler::keep_to_lease(const RunView& run, Duration length) {
  loop_.at(clock_.steady_now() + length, [this, id = run.id, lease = leases_[run.id]] {
    const auto held = leases_.find(id);
    if (held != leases_.end() && held->second == lease) hooks_.stop(id);
  });
}

void Scheduler::begin(Planned& planned, RunView run) {
  run.state = RunState::running;
  run.begin = clock_.utc_now();
  run.queue_position = 0;
  run.expected_start.reset();
  run.sentence.clear();
  planned.current = run.id;
  if (!on_demand(run)) planned.last_begun = clock_.steady_now();
  running_[run.id] = run;
  log_.debug("run begins", {{"run", run.id}, {"test", run.test}, {"requester", run.requester}});
  hooks_.start(planned.spec, run);
}

void Scheduler::try_later(Planned& planned, RunView run, Retries::Why why, std::string reason) {
  run.state = RunState::queued;
  run.begin = UtcTime{};
  run.sentence = reason + "; it is tried again soon.";
  if (retries_.wait(run, why, planned.retry_until)) {
    planned.current = run.id;
    return;
  }
  const bool no_room = planned.spec.schedule.spread == Duration::zero() && !on_demand(run);
  skip(planned, std::move(run),
       reason +
           (no_room ? "; without a spread there is no time to try again." : "; retried " + times(run.retries) + "."));
}

void Scheduler::again(RunView run) {
  const auto found = tests_.find(run.test);
  if (found == tests_.end() || found->second->current != run.id) return;
  Planned& planned = *found->second;
  planned.current.clear();
  ++run.retries;
  attempt(planned, std::move(run));
  start_queued();
  renumber();
}

/// The test is no longer what it was: its run ends, or is not tried again.
void Scheduler::halt(Planned& planned) {
  if (planned.current.empty()) return;
  auto waiting = retries_.take(planned.current);
  if (!waiting) return hooks_.stop(planned.current);
  planned.current.clear();
  skip(planned, std::move(*waiting), "The test was changed before this run began.");
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
  run.heavy = found->second->load.heavy;
  if (run.heavy)
    if (const PauseWindow* pause = pause_of(*found->second))
      return refuse("Nobody measures from " + describe(*pause) + "; try again after it.");
  if (queue_.full()) return refuse("100 runs wait already; try again when some of them have ended.");
  queue_.push(run);
  start_queued();
  renumber();
  const std::string id = run.id;
  if (const auto begun = running_.find(id); begun != running_.end()) return begun->second;
  if (const RunView* waiting = queue_.find(id)) return *waiting;
  return *std::ranges::find(ended_, id, &RunView::id);
}

bool Scheduler::may_begin(const RunView& run) {
  const Planned& planned = *tests_.at(run.test);
  if (!planned.current.empty()) return false;
  // A planned run that met the held slot comes first: on-demand ones would starve it.
  return !planned.load.heavy || (!slot_.held() && !retries_.awaits_own_slot());
}

void Scheduler::start_queued() {
  const auto busy = [this] {
    return std::ranges::count_if(running_, [](const auto& entry) { return on_demand(entry.second); });
  };
  while (static_cast<std::size_t>(busy()) < kOnDemandAtOnce) {
    auto run = queue_.take_first([this](const RunView& each) { return may_begin(each); });
    if (!run) return;
    Planned& planned = *tests_.at(run->test);
    planned.retry_until = clock_.steady_now() + kBusyPeerWait;
    attempt(planned, std::move(*run));
  }
}

void Scheduler::renumber() {
  SteadyTime free = slot_.free_at();
  queue_.tell([&](RunView& run) {
    const Planned& planned = *tests_.at(run.test);
    run.sentence = why_waiting(planned);
    run.expected_start = expected_start(planned);
    if (!planned.load.heavy) return;
    if (const auto next = retries_.next(); next && retries_.awaits_own_slot()) free = std::max(free, *next);
    run.expected_start = std::max(run.expected_start.value_or(UtcTime::min()), clock_.anchor().to_utc(free));
    free += planned.load.length;
  });
}

std::string Scheduler::why_waiting(const Planned& planned) const {
  if (!planned.current.empty()) return "Waits for the running run of the same test to end.";
  if (!planned.load.heavy) return "Waits for one of the running on-demand tests to end.";
  if (slot_.held()) return "Waits: this node is busy with " + slot_.holder() + ".";
  return "Waits for a planned heavy run that was put off before it.";
}

std::optional<UtcTime> Scheduler::expected_start(const Planned& planned) const {
  const auto running = running_.find(planned.current);
  if (running == running_.end() || planned.last_length == Duration::zero()) return std::nullopt;
  return std::max(clock_.utc_now(), running->second.begin + planned.last_length);
}

bool Scheduler::stop(const std::string& run) {
  if (running_.contains(run)) {
    hooks_.stop(run);
    return true;
  }
  auto gone = queue_.take(run);
  if (!gone && (gone = retries_.take(run))) tests_.at(gone->test)->current.clear();
  if (!gone) return false;
  const Planned& planned = *tests_.at(gone->test);
  skip(planned, std::move(*gone), "Taken out of the queue before it began.");
  start_queued();
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
  std::uint64_t lease = 0;
  if (const auto held = leases_.find(run); held != leases_.end()) {
    lease = held->second;
    leases_.erase(held);
  }
  view.progress = -1;
  view.phase.clear();
  const auto test = tests_.find(view.test);
  Planned* planned = test != tests_.end() && test->second->current == run ? test->second.get() : nullptr;
  if (planned) planned->current.clear();
  if (planned && outcome == Outcome::busy) {
    try_later(*planned, std::move(view), Retries::Why::busy_peer, opening(sentence));
  } else {
    view.state = outcome == Outcome::busy ? RunState::skipped : state_of(outcome);
    view.end = clock_.utc_now();
    view.sentence = sentence.empty() && outcome == Outcome::done ? "Done." : sentence;
    if (planned) {
      planned->last_length = std::max(Duration{1ms}, view.end - view.begin);
      if (planned->spec.schedule.kind == Schedule::Kind::continuous) go_on_later(*planned, view);
    }
    retire(std::move(view));
  }
  slot_.release(lease, std::string(to_string(outcome)), std::move(sentence));
  start_queued();
  renumber();
}

void Scheduler::go_on_later(Planned& planned, RunView& run) {
  if (const PauseWindow* pause = pause_of(planned))
    run.sentence = "Nobody measures from " + describe(*pause) + "; it goes on afterwards.";
  plan_continuous(planned);
}

std::vector<RunView> Scheduler::runs() const {
  std::vector<RunView> all(queue_.runs().rbegin(), queue_.runs().rend());
  for (const auto& [id, run] : running_) all.push_back(run);
  retries_.each([&](const RunView& run) { all.push_back(run); });
  std::ranges::stable_sort(all, std::greater{}, &RunView::id);
  all.insert(all.end(), ended_.begin(), ended_.end());
  return all;
}

}  // namespace sonde
