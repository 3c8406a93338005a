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
#include "core/run/run_view.h"
#include "core/run/task_loop.h"

namespace sonde {

/// Turns what operators asked for into runs, each with one end and one sentence. Lives on the TaskLoop; not
/// thread-safe.
///
/// `every` runs fall on whole multiples of their period since 1970, each moved by a random part of its spread. After a
/// clock step the next one is planned on the new time, never nearer than half a period to the one before.
class Scheduler {
 public:
  struct Hooks {
    /// Begin this run. `ended` must be called once for it, later and on the TaskLoop.
    std::function<void(const TestSpec&, const RunView&)> start;
    /// Ask a running run to end soon.
    std::function<void(const std::string& run)> stop;
    /// A run that never started ended as skipped or refused: to be stored as a Result.
    std::function<void(const TestSpec&, const RunView&)> not_started;
  };
  Scheduler(TaskLoop& loop, const Clock& clock, Random& random, Log log, Hooks hooks);
  ~Scheduler();

  /// The tests from now on. Unchanged ones go on; runs of changed or removed ones are stopped. `last_planned` = newest
  /// planned time known from before the start, so that a restart repeats nothing.
  void set_tests(std::span<const TestSpec> tests, const std::map<std::string, UtcTime>& last_planned = {});

  /// A run of the test as soon as may be: after a run of the same test, and behind other on-demand runs.
  /// Refused (state says so) when the test runs all day anyway, is unknown, or 100 already wait.
  RunView run_now(const std::string& test, const std::string& requester);
  /// False when no such run waits or runs.
  bool stop(const std::string& run);

  void progress(const std::string& run, double share, std::string phase);
  void ended(const std::string& run, Outcome outcome, std::string sentence);
  void clock_stepped(Duration step);

  /// Running and queued ones, then the last 200 that ended; newest first.
  std::vector<RunView> runs() const;
  /// When each test's next planned run is due (without its spread); continuous tests are not in it.
  std::map<std::string, UtcTime> next_due() const;

 private:
  struct Planned;
  UtcTime restart_after(Planned& planned) const;
  void plan(Planned& planned, UtcTime after);
  void plan_once(Planned& planned);
  void arm(Planned& planned);
  void due(const std::string& test, std::uint64_t arming);
  void note_missed(Planned& planned, UtcTime until);
  void begin(Planned& planned, RunView run);
  void skip(const Planned& planned, RunView run, std::string sentence);
  void start_queued();
  void retire(RunView run);
  void renumber();
  RunView make_run(const TestSpec& spec, const std::string& requester, UtcTime planned);
  std::optional<UtcTime> expected_start(const Planned& planned) const;

  TaskLoop& loop_;
  const Clock& clock_;
  Random& random_;
  Log log_;
  Hooks hooks_;
  std::map<std::string, std::unique_ptr<Planned>> tests_;
  std::map<std::string, RunView> running_;
  std::deque<RunView> queue_;  ///< on demand, in order of asking
  std::deque<RunView> ended_;  ///< newest first
  std::uint64_t armings_ = 0;
};

}  // namespace sonde
