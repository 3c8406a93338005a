#include "core/config/day_cost.h"

#include <catch2/catch.hpp>

#include "test/support/fake_probes.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

TestSpec heavy(const std::string& id, Duration period) {
  return {.id = id, .probe = "heavy", .peer = "p", .schedule = {.kind = Schedule::Kind::every, .period = period}};
}

Config with(std::vector<TestSpec> tests) {
  Config config;
  config.peers = {{"p", "", "192.0.2.7"}};
  config.tests = std::move(tests);
  return config;
}

}  // namespace

TEST_CASE("the heavy tests of a day are added up, light and paused ones take nothing of it") {
  TestSpec light = heavy("l", 1min), paused = heavy("q", 1min);
  light.probe = "echo";
  paused.paused = true;
  const DayCost day = day_cost(with({heavy("a", 2h), heavy("b", 1h), light, paused}), fake_probes_and_heavy());
  CHECK(day.tests == 2);
  CHECK(day.slot_seconds == Approx(36 * 40));
  CHECK(day.wire_bytes == Approx(36e6));
  CHECK(day.share == Approx(36 * 40 / 86'400.0));
}

TEST_CASE("a day that is taken to 80 % is allowed, more is refused with the sum") {
  // 40 s every 50 s are 80 %
  CHECK_FALSE(check(with({heavy("a", 50s)}), fake_probes_and_heavy()));
  const auto problem = check(with({heavy("a", 50s), heavy("b", 2h)}), fake_probes_and_heavy());
  REQUIRE(problem);
  CHECK(problem->section == "tests");
  CHECK(problem->index == 1);
  CHECK(problem->field == "schedule");
  CHECK(problem->sentence.find("2 heavy tests together need 69600 s of the slot a day, 81 % of it; allowed is 80 %, "
                               "69120 s") != std::string::npos);
}

TEST_CASE("times of the day count as often as they are") {
  TestSpec spec = heavy("a", {});
  spec.schedule = {.kind = Schedule::Kind::at, .times = {TimeOfDay{0}, TimeOfDay{60}, TimeOfDay{120}}};
  CHECK(slot_seconds_per_day(spec, fake_probes_and_heavy()) == 120);
  CHECK(wire_bytes_per_day(spec, fake_probes_and_heavy()) == Approx(3e6));
}

TEST_CASE("a heavy test cannot run all day") {
  TestSpec spec = heavy("a", 1min);
  spec.schedule.kind = Schedule::Kind::continuous;
  const auto problem = check(with({spec}), fake_probes_and_heavy());
  REQUIRE(problem);
  CHECK(problem->field == "schedule.kind");
}
