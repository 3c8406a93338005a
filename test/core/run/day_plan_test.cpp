#include "core/run/day_plan.h"

#include <catch2/catch.hpp>

#include "test/core/run/scheduler_stage.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

const UtcTime kNoon = *parse_utc("2026-11-21T12:00:00Z");

DayPlan plan(const std::vector<TestSpec>& tests, std::map<std::string, UtcTime> next_due, TimeRange range,
             std::size_t most = 100, std::vector<PauseWindow> pauses = {}) {
  static std::vector<TestSpec> kept;
  static std::vector<PauseWindow> kept_pauses;
  kept = tests;
  kept_pauses = std::move(pauses);
  std::vector<const TestSpec*> all;
  for (const TestSpec& spec : kept) all.push_back(&spec);
  return plan_ahead(
      all, next_due, kept_pauses,
      [](const TestSpec& spec) { return spec.title.starts_with("heavy") ? Duration{30s} : Duration::zero(); }, range,
      most);
}

}  // namespace

TEST_CASE("the runs of a day to come are those that the schedules name, in the order of time") {
  TestSpec noon = at_times({TimeOfDay{12 * 60 + 30}});
  noon.id = "n";
  const auto day = plan({heavy("h", 1h, 0s), noon}, {{"h", kNoon}, {"n", kNoon + 30min}}, {kNoon, kNoon + 2h});
  REQUIRE(day.runs.size() == 3);
  CHECK(day.runs[0].test->id == "h");
  CHECK(day.runs[0].length == 30s);
  CHECK(day.runs[1].test->id == "n");
  CHECK(day.runs[1].due == kNoon + 30min);
  CHECK(day.runs[2].due == kNoon + 1h);
  CHECK(day.left_out == 0);
}

TEST_CASE("what is beyond the bound is counted") {
  const auto day = plan({heavy("h", 1min, 0s)}, {{"h", kNoon}}, {kNoon, kNoon + 24h}, 1000);
  CHECK(day.runs.size() == 1000);
  CHECK(day.left_out == 440);
}

TEST_CASE("a test without a planned run has none, and a later range begins with its first instant") {
  CHECK(plan({heavy("h", 1h, 0s)}, {}, {kNoon, kNoon + 24h}).runs.empty());
  const auto later = plan({heavy("h", 1h, 0s)}, {{"h", kNoon}}, {kNoon + 90min, kNoon + 3h});
  REQUIRE(later.runs.size() == 1);
  CHECK(later.runs[0].due == kNoon + 2h);
}

TEST_CASE("runs that a pause will skip are marked, also heavy ones that would reach into it") {
  TestSpec early = at_times({TimeOfDay{13 * 60}});
  const std::vector pauses{PauseWindow{"backup", TimeOfDay{13 * 60}, TimeOfDay{14 * 60}, 0x7f}};
  auto day = plan({early}, {{"t", kNoon + 1h}}, {kNoon, kNoon + 24h}, 100, pauses);
  REQUIRE(day.runs.size() == 1);
  CHECK(day.runs[0].pause != nullptr);
  early.self_check = true;
  CHECK(plan({early}, {{"t", kNoon + 1h}}, {kNoon, kNoon + 24h}, 100, pauses).runs[0].pause == nullptr);
  TestSpec reaching = at_times({TimeOfDay{12 * 60 + 59}});
  CHECK(plan({reaching}, {{"t", kNoon + 59min}}, {kNoon, kNoon + 24h}, 100, pauses).runs[0].pause == nullptr);
}
