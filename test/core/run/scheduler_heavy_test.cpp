// Heavy runs: the slot, tries again, the queue, pauses.
#include <catch2/catch.hpp>

#include "test/core/run/scheduler_stage.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

SaturatingSlot::Guest guest() { return {*IpAddress::parse("198.51.100.4"), 1h, 1h}; }

/// Holds the slot as a test from outside would.
std::uint64_t hold(Stage& stage, Duration test) {
  const auto answer = stage.slot.ask_inbound(guest(), test);
  REQUIRE(answer);
  return answer.lease;
}

const RunView* find(const std::vector<RunView>& runs, const std::string& id) {
  const auto found = std::ranges::find(runs, id, &RunView::id);
  return found == runs.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a planned heavy run takes the slot while it runs, a light one does not") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 1h, 0s), every(1h)});
  stage.advance(1h);
  REQUIRE(stage.begun.size() == 2);
  CHECK(stage.slot.held());
  CHECK(stage.slot.holder().starts_with("its own test \"heavy h\" until "));
  stage.end_all();
  CHECK_FALSE(stage.slot.held());
  CHECK(stage.slot.leases()->front().outcome == "done");
}

TEST_CASE("a planned run that meets the held slot is tried again 15 to 60 s later, and begins once it is free") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 1h, 10min)});
  stage.advance(50min);
  while (stage.scheduler.next_due().empty()) stage.advance(1s);
  // held from just before the hour on
  stage.advance(9min + 59s);
  const auto lease = hold(stage, 1s);
  stage.slot.release(lease, "done");
  REQUIRE(stage.begun.empty());
  stage.slot.set_plan([] { return std::nullopt; });
  hold(stage, 5min + 50s);
  stage.advance(6min);
  REQUIRE(stage.begun.empty());
  const auto waiting = stage.scheduler.runs();
  REQUIRE_FALSE(waiting.empty());
  CHECK(waiting[0].state == RunState::queued);
  CHECK(has(waiting[0].sentence, "This node was busy with a test from 198.51.100.4 until"));
  stage.advance(61s);
  REQUIRE(stage.begun.size() == 1);
  CHECK(stage.begun[0].run.retries >= 1);
  CHECK(stage.begun[0].run.retries <= 24);
  CHECK(stage.never.empty());
}

TEST_CASE("a planned run that finds no free slot within its spread ends as skipped, with the holder and the tries") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 1h, 4min)});
  stage.slot.set_plan([] { return std::nullopt; });
  stage.advance(59min);
  hold(stage, 20min);
  stage.advance(6min);
  CHECK(stage.begun.empty());
  REQUIRE(stage.never.size() == 1);
  const RunView& run = stage.never[0];
  INFO(run.sentence);
  CHECK(run.state == RunState::skipped);
  CHECK(run.retries >= 2);
  CHECK(has(run.sentence, "This node was busy with a test from 198.51.100.4 until "));
  CHECK(has(run.sentence, "; retried " + std::to_string(run.retries) + " times."));
  CHECK(run.end - run.planned <= 4min + 1s);
}

TEST_CASE("a run without a spread is not tried again, and says so") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 1h, 0s)});
  stage.slot.set_plan([] { return std::nullopt; });
  stage.advance(59min);
  hold(stage, 5min);
  stage.advance(61s);
  REQUIRE(stage.never.size() == 1);
  CHECK(has(stage.never[0].sentence, "without a spread there is no time to try again"));
}

TEST_CASE("a busy peer frees the slot at once, and is tried again as the same run") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 1h, 6min)});
  stage.advance(1h + 3min);
  REQUIRE(stage.begun.size() == 1);
  const std::string id = stage.begun[0].run.id;
  stage.scheduler.ended(id, Outcome::busy, "192.0.2.7 was busy with a test from 198.51.100.4 until 14:03.");
  CHECK_FALSE(stage.slot.held());
  const SteadyTime asked = stage.clock.steady_now();
  while (stage.begun.size() < 2) stage.advance(1s);
  CHECK(stage.begun[1].run.id == id);
  CHECK(stage.begun[1].steady - asked >= 15s);
  CHECK(stage.begun[1].steady - asked <= 61s);
  CHECK(stage.slot.held());
  for (int tries = 0; stage.never.empty() && tries < 60; ++tries) {
    if (stage.slot.held())
      stage.scheduler.ended(id, Outcome::busy, "192.0.2.7 was busy with a test from 198.51.100.4 until 14:03.");
    stage.advance(15s);
  }
  REQUIRE(stage.never.size() == 1);
  INFO(stage.never[0].sentence);
  CHECK(stage.never[0].id == id);
  CHECK(has(stage.never[0].sentence, "192.0.2.7 was busy with a test from 198.51.100.4 until 14:03; retried "));
}

TEST_CASE("heavy runs that are due together run one after the other") {
  Stage stage;
  std::vector<TestSpec> tests;
  for (const char* id : {"a", "b", "c", "d", "e"}) tests.push_back(heavy(id, 1h, 30min));
  for (TestSpec& spec : tests) spec.schedule.spread = 20min;
  stage.scheduler.set_tests(tests);
  std::size_t ended = 0;
  std::map<std::string, int> had;
  for (int second = 0; second < 3 * 3600; ++second) {
    stage.advance(1s);
    std::size_t running = 0;
    for (const RunView& run : stage.scheduler.runs()) running += run.state == RunState::running;
    REQUIRE(running <= 1);
    if (stage.begun.size() > ended && stage.clock.steady_now() - stage.begun[ended].steady >= 30s) {
      ++had[stage.begun[ended].run.test];
      stage.scheduler.ended(stage.begun[ended++].run.id, Outcome::done, {});
    }
  }
  CHECK(stage.never.empty());
  for (const TestSpec& spec : tests) CHECK(had[spec.id] >= 2);
}

TEST_CASE("an on-demand heavy run waits for the slot, with position, reason and expected start") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 24h, 0s), heavy("g", 24h, 0s)});
  const auto lease = hold(stage, 50s);
  const RunView first = stage.scheduler.run_now("h", "web: ann");
  const RunView second = stage.scheduler.run_now("g", "web: bob");
  CHECK(first.state == RunState::queued);
  CHECK(first.queue_position == 1);
  CHECK(first.expected_start == stage.clock.utc_now() + 60s);
  CHECK(has(first.sentence, "this node is busy with a test from 198.51.100.4 until"));
  CHECK(second.queue_position == 2);
  CHECK(second.expected_start == stage.clock.utc_now() + 90s);
  stage.advance(20s);
  stage.slot.release(lease, "done");
  REQUIRE(stage.begun.size() == 1);
  CHECK(stage.begun[0].run.id == first.id);
  stage.scheduler.ended(first.id, Outcome::done, {});
  REQUIRE(stage.begun.size() == 2);
  CHECK(stage.begun[1].run.id == second.id);
}

TEST_CASE("a planned run that was put off goes before on-demand ones: the queue cannot starve it") {
  Stage stage;
  TestSpec planned = heavy("p", 1h, 20min);
  stage.scheduler.set_tests(std::vector{planned, heavy("q", 24h, 0s)});
  stage.slot.set_plan([] { return std::nullopt; });
  stage.advance(59min);
  const auto lease = hold(stage, 12min);
  stage.advance(11min + 50s);
  REQUIRE(stage.begun.empty());
  const RunView asked = stage.scheduler.run_now("q", "web: ann");
  stage.slot.release(lease, "done");
  CHECK(stage.begun.empty());
  CHECK(has(find(stage.scheduler.runs(), asked.id)->sentence, "put off before it"));
  stage.advance(61s);
  REQUIRE_FALSE(stage.begun.empty());
  CHECK(stage.begun[0].run.test == "p");
  stage.end_all();
  CHECK(stage.begun.back().run.id == asked.id);
}

TEST_CASE("a heavy run that takes longer than it said is asked to end before its lease does") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 24h, 0s)});
  const RunView run = stage.scheduler.run_now("h", "web: ann");
  stage.advance(29s);
  CHECK(stage.stopped.empty());
  stage.advance(2s);
  CHECK(stage.stopped == std::vector{run.id});
  CHECK(stage.slot.held());
  stage.scheduler.ended(run.id, Outcome::failed, "stopped");
  const RunView next = stage.scheduler.run_now("h", "web: ann");
  stage.advance(20s);
  CHECK(stage.stopped.size() == 1);
}

TEST_CASE(
    "a test from outside does not get in before the next planned run, but before one that waits to be tried again") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 1h, 0s)});
  stage.advance(1h - 30s);
  CHECK_FALSE(stage.slot.ask_inbound(guest(), 30s));
  CHECK(stage.slot.ask_inbound(guest(), 10s));

  Stage busy;
  busy.scheduler.set_tests(std::vector{heavy("h", 1h, 10min)});
  while (busy.begun.empty()) busy.advance(1s);
  busy.scheduler.ended(busy.begun[0].run.id, Outcome::busy, "peer");
  CHECK(busy.slot.ask_inbound(guest(), 51s));
  CHECK(busy.slot.leases()->size() == 1);  // the try that moved nothing has no past
}

TEST_CASE("a deleted test is not tried again") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 1h, 10min)});
  stage.advance(1h + 5min);
  REQUIRE(stage.begun.size() == 1);
  stage.scheduler.ended(stage.begun[0].run.id, Outcome::busy, "peer");
  stage.scheduler.set_tests({});
  REQUIRE(stage.never.size() == 1);
  stage.advance(2min);
  CHECK(stage.begun.size() == 1);
}

TEST_CASE("a run that waits to be tried again can be taken out") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{heavy("h", 1h, 10min)});
  stage.advance(1h + 5min);
  const std::string id = stage.begun[0].run.id;
  stage.scheduler.ended(id, Outcome::busy, "peer");
  CHECK(stage.scheduler.stop(id));
  stage.advance(2min);
  CHECK(stage.begun.size() == 1);
  CHECK(stage.scheduler.run_now("h", "web: ann").state == RunState::running);
}

TEST_CASE("inside a pause planned runs are skipped with its name, and continuous ones stop and go on afterwards") {
  Stage stage(*parse_utc("2026-11-21T00:30:00Z"));  // a Saturday
  TestSpec all_day = every(60s), own = every(60s), twenty = every(20min);
  all_day.id = "continuous";
  own.id = "self";
  own.self_check = true;
  all_day.schedule.kind = own.schedule.kind = Schedule::Kind::continuous;
  stage.scheduler.set_pauses({{"backup", TimeOfDay{60}, TimeOfDay{150}, 1 << 5}});
  stage.scheduler.set_tests(std::vector{all_day, own, twenty});
  stage.advance(1s);
  REQUIRE(stage.begun.size() == 2);
  stage.advance(29min + 50s);
  CHECK(stage.stopped.empty());
  for (const auto& begun : stage.begun)
    if (begun.run.test == "t") stage.scheduler.ended(begun.run.id, Outcome::done, {});
  stage.advance(10s);
  CHECK(stage.stopped == std::vector{stage.begun[0].run.id});
  stage.end_all();
  REQUIRE(stage.never.size() == 1);
  CHECK(has(stage.never[0].sentence, "Nobody measures from 01:00 to 02:30 UTC on Sat (backup)."));
  std::size_t began_inside = 0;
  for (int minute = 0; minute < 88; ++minute) {
    const std::size_t before = stage.begun.size();
    stage.advance(60s);
    for (std::size_t i = before; i < stage.begun.size(); ++i) began_inside += stage.begun[i].run.test != "self";
  }
  CHECK(began_inside == 0);
  const std::size_t before = stage.begun.size();
  stage.advance(2min);
  REQUIRE(stage.begun.size() == before + 1);
  CHECK(stage.begun.back().run.test == "continuous");
}

TEST_CASE("a continuous test is stopped when the pause begins, and says why") {
  Stage stage(*parse_utc("2026-11-21T00:59:00Z"));
  TestSpec all_day = every(60s);
  all_day.schedule.kind = Schedule::Kind::continuous;
  stage.scheduler.set_tests(std::vector{all_day});
  stage.scheduler.set_pauses({{"", TimeOfDay{60}, TimeOfDay{62}, 0x7f}});
  stage.advance(1s);
  REQUIRE(stage.begun.size() == 1);
  stage.advance(59s);
  REQUIRE(stage.stopped == std::vector{stage.begun[0].run.id});
  stage.scheduler.ended(stage.stopped[0], Outcome::failed, "Stopped before its end.");
  CHECK(stage.scheduler.runs()[0].sentence ==
        "Nobody measures from 01:00 to 01:02 UTC every day; it goes on afterwards.");
  stage.advance(119s);
  CHECK(stage.begun.size() == 1);
  stage.advance(2s);
  CHECK(stage.begun.size() == 2);
}

TEST_CASE("a heavy run that would reach into a pause is not begun, neither planned nor on demand") {
  Stage stage(*parse_utc("2026-11-21T00:59:00Z"));
  TestSpec spec = heavy("h", {}, 0s);
  spec.schedule = {.kind = Schedule::Kind::at, .times = {TimeOfDay{59}}};
  stage.scheduler.set_pauses({{"", TimeOfDay{60}, TimeOfDay{62}, 0x7f}});
  stage.scheduler.set_tests(std::vector{spec});
  stage.advance(20s);
  CHECK(stage.scheduler.run_now("h", "web: ann").state == RunState::running);
  stage.end_all();
  stage.advance(15s);
  const RunView late = stage.scheduler.run_now("h", "web: ann");
  CHECK(late.state == RunState::refused);
  CHECK(has(late.sentence, "Nobody measures from 01:00"));
}

TEST_CASE("a spread of nearly the whole period loses no run") {
  Stage stage;
  stage.scheduler.set_tests(std::vector{every(60s, 59s)});
  for (int i = 0; i < 60 * 60; ++i) {
    stage.advance(1s);
    stage.end_all();
  }
  CHECK(stage.begun.size() >= 58);
  CHECK(stage.never.empty());
}
