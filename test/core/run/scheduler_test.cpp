#include "core/run/scheduler.h"

#include <catch2/catch.hpp>

#include "test/core/run/scheduler_stage.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

const RunView& newest(const Stage& stage) {
  static RunView kept;
  return kept = stage.scheduler.runs().front();
}

}  // namespace

TEST_CASE("runs of one test fall on whole multiples of its period") {
  Stage stage(utc_from_seconds(1'800'000'017));
  stage.scheduler.set_tests(std::vector{every(60s)});
  for (int minute = 0; minute < 5; ++minute) {
    stage.advance(60s);
    stage.end_all();
  }
  REQUIRE(stage.begun.size() == 5);
  for (const auto& b : stage.begun) {
    CHECK(utc_seconds(b.run.planned) % 60 == 0);
    CHECK(b.utc == b.run.planned);
  }
}

TEST_CASE("the spread moves a run at random, never past its own instant by more than the spread") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{every(60s, 20s)});
  for (int i = 0; i < 50; ++i) {
    stage.advance(60s);
    stage.end_all();
  }
  REQUIRE(stage.begun.size() >= 49);
  bool differ = false;
  for (const auto& b : stage.begun) {
    CHECK(b.utc - b.run.planned >= Duration::zero());
    CHECK(b.utc - b.run.planned < 21s);
    differ = differ || b.utc - b.run.planned != stage.begun.front().utc - stage.begun.front().run.planned;
  }
  CHECK(differ);
}

TEST_CASE("a run that is still going makes the next one end as skipped, with a sentence") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{every(60s)});
  stage.advance(121s);
  REQUIRE(stage.begun.size() == 1);
  REQUIRE(stage.never.size() == 1);
  CHECK(stage.never[0].state == RunState::skipped);
  CHECK(stage.never[0].sentence.find(stage.begun[0].run.id) != std::string::npos);
}

TEST_CASE("a machine that was held up tells how many runs could not begin") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{every(60s)});
  stage.advance(60s);
  stage.end_all();
  stage.clock.advance(10min);
  stage.tasks.turn();
  CHECK(stage.begun.size() == 2);  // the one whose timer was due begins late
  REQUIRE(stage.never.size() == 1);
  CHECK(stage.never[0].sentence.substr(0, 7) == "9 runs ");
}

TEST_CASE("a clock step neither repeats a run nor loses one") {
  for (const Duration step : {Duration{7min}, Duration{-7min}, Duration{13s}, Duration{-13s}, Duration{24h * 365 * 50},
                              Duration{-24h * 365 * 20}}) {
    INFO("step " << to_seconds(step) << " s");
    Stage stage(utc_from_seconds(1'000'000'003));
    stage.scheduler.set_tests(std::vector{every(60s)});
    for (int i = 0; i < 5; ++i) {
      stage.advance(60s);
      stage.end_all();
    }
    stage.clock.step(step);
    stage.scheduler.clock_stepped(step);
    for (int i = 0; i < 10; ++i) {
      stage.advance(60s);
      stage.end_all();
    }
    CHECK(stage.never.empty());
    for (std::size_t i = 1; i < stage.begun.size(); ++i) {
      const Duration apart = stage.begun[i].steady - stage.begun[i - 1].steady;
      CHECK(apart >= 30s);
      CHECK(apart <= 91s);
      CHECK(utc_seconds(stage.begun[i].run.planned) % 60 == 0);
    }
    CHECK(stage.begun.size() >= 14);
  }
}

TEST_CASE("a restart does not repeat what ran before it") {
  Stage stage(utc_from_seconds(1'800'000'010));
  stage.scheduler.set_tests(std::vector{every(60s)}, {{"t", utc_from_seconds(1'800'000'060)}});
  stage.advance(60s);
  CHECK(stage.begun.empty());
  stage.advance(60s);
  CHECK(stage.begun.size() == 1);
}

TEST_CASE("results from a future that never was do not hold a test back") {
  Stage stage(utc_from_seconds(30));  // 1970
  stage.scheduler.set_tests(std::vector{every(60s)}, {{"t", utc_from_seconds(2'100'000'000)}});
  stage.advance(120s);
  CHECK(stage.begun.size() >= 1);
}

TEST_CASE("a test for one time runs once, and tells when its time had passed") {
  Stage stage;
  TestSpec spec = every(0s);
  spec.schedule = {.kind = Schedule::Kind::once, .at = stage.clock.utc_now() + 90s};
  stage.scheduler.set_tests(std::vector{spec});
  stage.advance(89s);
  CHECK(stage.begun.empty());
  stage.advance(1s);
  REQUIRE(stage.begun.size() == 1);
  stage.end_all();
  stage.clock.step(-60s);
  stage.scheduler.clock_stepped(-60s);
  stage.advance(10min);
  CHECK(stage.begun.size() == 1);

  Stage late;
  spec.schedule.at = late.clock.utc_now() - 1h;
  late.scheduler.set_tests(std::vector{spec});
  late.advance(1s);
  CHECK(late.begun.empty());
  REQUIRE(late.never.size() == 1);
  CHECK(late.never[0].sentence.find("had passed") != std::string::npos);
}

TEST_CASE("a continuous test begins at once and again a minute after it broke off") {
  Stage stage;
  TestSpec spec = every(60s);
  spec.schedule.kind = Schedule::Kind::continuous;
  stage.scheduler.set_tests(std::vector{spec});
  stage.advance(1s);
  REQUIRE(stage.begun.size() == 1);
  stage.scheduler.ended(stage.begun[0].run.id, Outcome::failed, "refused");
  stage.advance(57s);
  CHECK(stage.begun.size() == 1);
  stage.advance(4s);
  CHECK(stage.begun.size() == 2);
}

TEST_CASE("an on-demand run begins at once, or waits with a position and an expected start") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{every(1h)});
  const RunView first = stage.scheduler.run_now("t", "web: ann");
  CHECK(first.state == RunState::running);
  stage.advance(20s);
  stage.scheduler.ended(first.id, Outcome::done, {});
  const RunView second = stage.scheduler.run_now("t", "web: ann");
  const RunView third = stage.scheduler.run_now("t", "web: bob");
  CHECK(second.state == RunState::running);
  CHECK(third.state == RunState::queued);
  CHECK(third.queue_position == 1);
  REQUIRE(third.expected_start);
  CHECK(*third.expected_start == stage.clock.utc_now() + 20s);
  stage.scheduler.ended(second.id, Outcome::failed, "no answer");
  CHECK(stage.begun.back().run.id == third.id);
}

TEST_CASE("on-demand runs are refused with a reason where they make no sense") {
  Stage stage;
  TestSpec spec = every(60s);
  spec.schedule.kind = Schedule::Kind::continuous;
  stage.scheduler.set_tests(std::vector{spec});
  CHECK(stage.scheduler.run_now("t", "web: ann").state == RunState::refused);
  CHECK(stage.scheduler.run_now("nonsense", "web: ann").state == RunState::refused);
  spec.schedule.kind = Schedule::Kind::every;
  stage.scheduler.set_tests(std::vector{spec});
  stage.scheduler.run_now("t", "web: ann");
  for (int i = 0; i < 100; ++i) CHECK(stage.scheduler.run_now("t", "web: ann").state == RunState::queued);
  const RunView refused = stage.scheduler.run_now("t", "web: ann");
  CHECK(refused.state == RunState::refused);
  CHECK_FALSE(refused.sentence.empty());
}

TEST_CASE("a run taken out of the queue ends as skipped, a running one is asked to stop") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{every(1h)});
  const RunView running = stage.scheduler.run_now("t", "web: ann");
  const RunView waiting = stage.scheduler.run_now("t", "web: ann");
  CHECK(stage.scheduler.stop(waiting.id));
  REQUIRE(stage.never.size() == 1);
  CHECK(stage.never[0].id == waiting.id);
  CHECK(stage.scheduler.stop(running.id));
  CHECK(stage.stopped == std::vector{running.id});
  CHECK_FALSE(stage.scheduler.stop("nobody"));
}

TEST_CASE("runs of a deleted test are stopped, its waiting ones skipped, nothing begins again") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{every(60s)});
  const RunView running = stage.scheduler.run_now("t", "web: ann");
  const RunView waiting = stage.scheduler.run_now("t", "web: ann");
  stage.scheduler.set_tests({});
  CHECK(stage.stopped == std::vector{running.id});
  stage.scheduler.ended(running.id, Outcome::failed, "stopped");
  stage.advance(5min);
  CHECK(stage.begun.size() == 1);
  bool told = false;
  for (const RunView& run : stage.scheduler.runs())
    told = told || (run.id == waiting.id && run.state == RunState::skipped);
  CHECK(told);
}

TEST_CASE("a paused test is not planned and goes on when it is resumed") {
  Stage stage;
  TestSpec spec = every(60s);
  spec.paused = true;
  stage.scheduler.set_tests(std::vector{spec});
  stage.advance(5min);
  CHECK(stage.begun.empty());
  CHECK(stage.scheduler.next_due().empty());
  spec.paused = false;
  stage.scheduler.set_tests(std::vector{spec});
  stage.advance(61s);
  CHECK(stage.begun.size() == 1);
}

TEST_CASE("every ended run has a sentence and identifiers sort by time") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{every(60s)});
  stage.advance(60s);
  stage.end_all();
  CHECK(newest(stage).state == RunState::done);
  CHECK_FALSE(newest(stage).sentence.empty());
  auto random = seeded_random(2);
  const std::string early = make_id(utc_from_seconds(1'800'000'000), *random);
  const std::string late = make_id(utc_from_seconds(1'800'000'001), *random);
  CHECK(early.size() == 26);
  CHECK(early < late);
}
