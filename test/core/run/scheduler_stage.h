#pragma once

#include "core/base/identifier.h"
#include "core/run/scheduler.h"
#include "test/support/manual_clock.h"

namespace sonde::test {

/// A scheduler whose runs begin when it says so and end when the test says so. Tests whose title begins with "heavy"
/// are, and take 30 s.
struct Stage {
  explicit Stage(UtcTime begin = utc_from_seconds(1'800'000'000)) : clock(begin) {}
  ManualClock clock;
  TaskLoop tasks{clock};
  std::unique_ptr<Random> random = seeded_random(1);
  struct Begun {
    RunView run;
    UtcTime utc;
    SteadyTime steady;
  };
  std::vector<Begun> begun;
  std::vector<std::string> stopped;
  std::vector<RunView> never;
  SaturatingSlot slot{tasks, clock, Log{}};
  Scheduler scheduler{tasks,
                      clock,
                      *random,
                      slot,
                      Log{},
                      {.start =
                           [this](const TestSpec&, const RunView& run) {
                             begun.push_back({run, clock.utc_now(), clock.steady_now()});
                           },
                       .stop = [this](const std::string& run) { stopped.push_back(run); },
                       .not_started = [this](const TestSpec&, const RunView& run) { never.push_back(run); },
                       .load =
                           [](const TestSpec& spec) {
                             const bool heavy = spec.title.starts_with("heavy");
                             return heavy ? RunLoad{true, std::chrono::seconds{30}} : RunLoad{};
                           }}};

  void advance(Duration d, Duration grain = std::chrono::seconds{1}) {
    for (; d > Duration::zero(); d -= grain) {
      clock.advance(std::min(d, grain));
      tasks.turn();
    }
  }
  void end_all() {
    for (const Begun& b : begun) scheduler.ended(b.run.id, Outcome::done, {});
  }
  void step(Duration by) {
    clock.step(by);
    scheduler.clock_stepped(by);
  }
};

inline TestSpec every(Duration period, Duration spread = Duration::zero()) {
  TestSpec spec;
  spec.id = "t";
  spec.title = "a test";
  spec.probe = "ping";
  spec.schedule = {.kind = Schedule::Kind::every, .period = period, .spread = spread};
  return spec;
}

inline TestSpec heavy(const std::string& id, Duration period, Duration spread) {
  TestSpec spec = every(period, spread);
  spec.id = id;
  spec.title = "heavy " + id;
  return spec;
}

inline TestSpec at_times(std::vector<TimeOfDay> times) {
  TestSpec spec = every({});
  spec.schedule = {.kind = Schedule::Kind::at, .times = std::move(times)};
  return spec;
}

}  // namespace sonde::test
