#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "core/base/random.h"
#include "core/measurement/test_spec.h"
#include "core/run/retries.h"
#include "core/run/run_queue.h"
#include "core/run/run_view.h"
#include "core/run/saturating_slot.h"
#include "core/run/task_loop.h"

namespace sonde {

/// What a run takes of the node, as its probe says: the Scheduler knows no probes.
struct RunLoad {
  bool heavy = false;  ///< takes the slot
  Duration length{};   ///< of a heavy run, expected, with all that belongs to it
};

/// Turns what operators asked for into runs, each with one end and one sentence. Lives on the TaskLoop; not
/// thread-safe.
///
/// `every` runs fall on whole multiples of their period since 1970, each moved by a random part of its spread. After a
/// clock step the next one is planned on the new time, never nearer than half a period to the one before. `at` runs
/// have each instant once: one that a step forward jumped over begins at once, or is told as skipped after an hour.
///
/// A heavy run takes the slot when it begins. Planned, where the slot is held or the peer busy, it is tried again
/// within its spread and then ends as skipped; on demand it waits in the queue for the slot, and 5 min for the peer.
/// A pause skips planned runs and stops continuous ones until its end; self-checks measure nobody and go on.
class Scheduler {
 public:
  struct Hooks {
    /// Begin this run. `ended` must be called once for it, later and on the TaskLoop.
    std::function<void(const TestSpec&, const RunView&)> start;
    /// Ask a running run to end soon.
    std::function<void(const std::string& run)> stop;
    /// A run that never started ended as skipped or refused: to be stored as a Result.
    std::function<void(const TestSpec&, const RunView&)> not_started;
    std::function<RunLoad(const TestSpec&)> load = [](const TestSpec&) { return RunLoad{}; };
  };
  /// `slot` outlives it, and has it alone as its scheduler.
  Scheduler(TaskLoop& loop, const Clock& clock, Random& random, SaturatingSlot& slot, Log log, Hooks hooks);
  ~Scheduler();

  /// The tests from now on. Unchanged ones go on; runs of changed or removed ones are stopped. `last_planned` = newest
  /// planned time known from before the start, so that a restart repeats nothing.
  void set_tests(std::span<const TestSpec> tests, const std::map<std::string, UtcTime>& last_planned = {});
  void set_pauses(std::vector<PauseWindow> pauses);

  /// A run of the test as soon as may be: after a run of the same test, and behind other on-demand runs.
  /// Refused (state says so) when the test runs all day anyway, is unknown, or 100 already wait.
  RunView run_now(const std::string& test, const std::string& requester);
  /// False when no such run waits or runs.
  bool stop(const std::string& run);

  void progress(const std::string& run, double share, std::string phase);
  /// With Outcome::busy the peer had a heavy test with others: "192.0.2.7 was busy with ... until 14:03:10 UTC".
  void ended(const std::string& run, Outcome outcome, std::string sentence);
  void clock_stepped(Duration step);

  /// Running and queued ones, then the last 200 that ended; newest first.
  std::vector<RunView> runs() const;
  /// When each test's next planned run is due (without its spread); continuous tests are not in it.
  std::map<std::string, UtcTime> next_due() const;

 private:
  /// One test with its next instant. The timer bears an arming number, so that one left over does nothing.
  struct Planned {
    TestSpec spec;
    RunLoad load;
    std::optional<UtcTime> due;  ///< next planned instant, without spread
    UtcTime last_planned{};      ///< zero = none yet
    std::optional<SteadyTime> last_begun;
    std::optional<SteadyTime> last_instant;  ///< when the newest planned run was due, without its part of the spread
    Duration within{};                       ///< of the spread, for `when`
    SteadyTime when = kNever;                ///< due with its part of the spread
    SteadyTime retry_until{};                ///< of the run below
    std::uint64_t arming = 0;
    std::string current;     ///< run id: it runs, or waits to be tried again
    Duration last_length{};  ///< of the newest ended run: what a waiting one is told
  };
  // scheduler.cpp: when
  UtcTime resume_after(Planned& planned) const;
  void plan(Planned& planned, UtcTime after);
  void plan_once(Planned& planned);
  void plan_continuous(Planned& planned);
  Duration draw_spread(const Planned& planned) const;
  void arm(Planned& planned);
  void due(const std::string& test, std::uint64_t arming);
  void note_missed(Planned& planned, UtcTime until);
  void plan_after_step(Planned& planned, Duration step);
  void catch_up(Planned& planned, UtcTime jumped);
  void heed_pauses();
  const PauseWindow* pause_of(const Planned& planned) const;
  std::optional<SaturatingSlot::Upcoming> next_heavy() const;
  // scheduler_runs.cpp: what becomes of a run
  RunView make_run(const TestSpec& spec, const std::string& requester, UtcTime planned);
  void attempt(Planned& planned, RunView run);
  void begin(Planned& planned, RunView run);
  void keep_to_lease(const RunView& run, Duration length);
  void try_later(Planned& planned, RunView run, Retries::Why why, std::string reason);
  void again(RunView run);
  void halt(Planned& planned);
  void go_on_later(Planned& planned, RunView& run);
  void skip(const Planned& planned, RunView run, std::string sentence);
  void retire(RunView run);
  void start_queued();
  bool may_begin(const RunView& run);
  void renumber();
  std::string why_waiting(const Planned& planned) const;
  std::optional<UtcTime> expected_start(const Planned& planned) const;

  TaskLoop& loop_;
  const Clock& clock_;
  Random& random_;
  SaturatingSlot& slot_;
  Log log_;
  Hooks hooks_;
  std::vector<PauseWindow> pauses_;
  TaskLoop::TimerId pause_edge_ = 0;
  std::map<std::string, std::unique_ptr<Planned>> tests_;
  std::map<std::string, RunView> running_;
  std::map<std::string, std::uint64_t> leases_;  ///< of running heavy runs
  RunQueue queue_;
  Retries retries_;
  std::deque<RunView> ended_;  ///< newest first
  std::uint64_t armings_ = 0;
};

}  // namespace sonde
