// Runs at times of the day.
#include <catch2/catch.hpp>

#include "core/run/due_times.h"
#include "test/core/run/scheduler_stage.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

const TimeOfDay kTwo{120}, kHalfPastTwo{14 * 60 + 30};

UtcTime time(const char* text) { return *parse_utc(text); }

std::vector<UtcTime> planned(const Stage& stage) {
  std::vector<UtcTime> all;
  for (const auto& begun : stage.begun) all.push_back(begun.run.planned);
  return all;
}

}  // namespace

TEST_CASE("instants of a day and of a period are found, counted and named") {
  const Schedule at{.kind = Schedule::Kind::at, .times = {kTwo, kHalfPastTwo}};
  CHECK(next_after(at, time("2026-11-21T01:59:59Z")) == time("2026-11-21T02:00:00Z"));
  CHECK(next_after(at, time("2026-11-21T02:00:00Z")) == time("2026-11-21T14:30:00Z"));
  CHECK(next_after(at, time("2026-12-31T14:30:00Z")) == time("2027-01-01T02:00:00Z"));
  CHECK(newest_until(at, time("2026-11-21T01:00:00Z")) == time("2026-11-20T14:30:00Z"));
  CHECK(newest_until(at, time("2026-11-21T14:30:00Z")) == time("2026-11-21T14:30:00Z"));
  CHECK(count_between(at, time("2026-11-21T02:00:00Z"), time("2026-11-23T02:00:00Z")) == 4);
  CHECK(count_between(at, time("2026-11-23T02:00:00Z"), time("2026-11-21T02:00:00Z")) == 0);
  const Schedule every{.kind = Schedule::Kind::every, .period = 1h};
  CHECK(next_after(every, time("2026-11-21T02:00:00Z")) == time("2026-11-21T03:00:00Z"));
  CHECK(count_between(every, time("2026-11-21T02:00:00Z"), time("2026-11-21T04:59:00Z")) == 2);
  CHECK_FALSE(next_after({.kind = Schedule::Kind::once}, {}));
}

TEST_CASE("a test at times of the day runs at each of them, day after day") {
  Stage stage(time("2026-11-21T01:00:00Z"));
  stage.scheduler.set_tests(std::vector{at_times({kTwo, kHalfPastTwo})});
  for (int minute = 0; minute < 48 * 60; ++minute) {
    stage.advance(60s, 60s);
    stage.end_all();
  }
  CHECK(planned(stage) == std::vector{time("2026-11-21T02:00:00Z"), time("2026-11-21T14:30:00Z"),
                                      time("2026-11-22T02:00:00Z"), time("2026-11-22T14:30:00Z")});
  CHECK(stage.never.empty());
}

TEST_CASE("a clock set back does not repeat a time of the day") {
  Stage stage(time("2026-11-21T14:00:00Z"));
  stage.scheduler.set_tests(std::vector{at_times({kTwo, kHalfPastTwo})});
  stage.advance(31min, 60s);
  stage.end_all();
  REQUIRE(stage.begun.size() == 1);
  for (const Duration back : {Duration{-7min}, Duration{-3h}}) {
    stage.step(back);
    stage.advance(3h, 60s);
    stage.end_all();
    CHECK(stage.begun.size() == 1);
  }
  stage.advance(14h, 60s);
  REQUIRE(stage.begun.size() == 2);
  CHECK(stage.begun[1].run.planned == time("2026-11-22T02:00:00Z"));
}

TEST_CASE("a clock set forward past a time of the day does not lose its run") {
  Stage stage(time("2026-11-21T14:25:00Z"));
  stage.scheduler.set_tests(std::vector{at_times({kTwo, kHalfPastTwo})});
  stage.step(13min);
  stage.advance(1s);
  CHECK(planned(stage) == std::vector{time("2026-11-21T14:30:00Z")});
  stage.end_all();
  stage.advance(1h, 60s);
  CHECK(stage.begun.size() == 1);
}

TEST_CASE("a time of the day that was jumped over long ago is told as skipped") {
  Stage stage(time("2026-11-21T14:25:00Z"));
  stage.scheduler.set_tests(std::vector{at_times({kTwo, kHalfPastTwo})});
  stage.step(4h);
  stage.advance(1s);
  CHECK(stage.begun.empty());
  REQUIRE(stage.never.size() == 1);
  CHECK(stage.never[0].sentence.find("2026-11-21T14:30:00Z, was jumped over") != std::string::npos);
  stage.advance(9h, 60s);
  CHECK(planned(stage) == std::vector{time("2026-11-22T02:00:00Z")});
}

TEST_CASE("a run that waits out its part of the spread survives a clock step, once") {
  for (const Duration step :
       {Duration{10s}, Duration{-10s}, Duration{20min}, Duration{-20min}, Duration{-400 * 24h}, Duration{400 * 24h}}) {
    INFO("step " << to_seconds(step) << " s");
    Stage stage(time("2026-11-21T14:29:00Z"));
    TestSpec spec = at_times({kTwo, kHalfPastTwo});
    spec.schedule.spread = 1h;
    stage.scheduler.set_tests(std::vector{spec});
    stage.advance(65s);
    REQUIRE(stage.begun.empty());
    stage.step(step);
    stage.advance(61min, 10s);
    stage.end_all();
    CHECK(stage.begun.size() == 1);
    CHECK(stage.never.empty());
    stage.advance(25h, 60s);
    stage.end_all();
    CHECK(stage.begun.size() >= 2);
    CHECK(stage.begun.size() <= 4);
  }
}

TEST_CASE("a node that starts after a time of the day does not repeat the run it had") {
  Stage stage(time("2026-11-21T14:30:20Z"));
  TestSpec spec = at_times({kTwo, kHalfPastTwo});
  stage.scheduler.set_tests(std::vector{spec}, {{"t", time("2026-11-21T14:30:00Z")}});
  stage.advance(1h, 60s);
  CHECK(stage.begun.empty());
}
