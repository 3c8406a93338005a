#include "core/measurement/test_spec.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

TEST_CASE("a schedule is told in words") {
  CHECK(describe({.kind = Schedule::Kind::every, .period = 5min}) == "every 5 min");
  CHECK(describe({.kind = Schedule::Kind::continuous, .period = 1min}) == "all day");
  CHECK(describe({.kind = Schedule::Kind::once, .at = utc_from_seconds(1'795'241'620)}) ==
        "once at 2026-11-21T06:13:40Z");
  const TimeOfDay two{120}, half_past{870}, late{1439};
  CHECK(describe({.kind = Schedule::Kind::at, .times = {two}}) == "at 02:00 UTC");
  CHECK(describe({.kind = Schedule::Kind::at, .times = {two, half_past}}) == "at 02:00 and 14:30 UTC");
  CHECK(describe({.kind = Schedule::Kind::at, .times = {two, half_past, late}}) == "at 02:00, 14:30 and 23:59 UTC");
}

TEST_CASE("runs of a day are counted, and the time between them is known") {
  const Schedule at{.kind = Schedule::Kind::at, .times = {TimeOfDay{120}, TimeOfDay{870}}};
  CHECK(runs_per_day(at) == 2);
  CHECK(longest_gap(at) == 12h + 30min);
  CHECK(shortest_gap(at) == 11h + 30min);
  CHECK(runs_per_day({.kind = Schedule::Kind::every, .period = 2h}) == 12);
  CHECK(runs_per_day({.kind = Schedule::Kind::once}) == 0);
  CHECK(longest_gap({.kind = Schedule::Kind::every, .period = 2h}) == 2h);
  CHECK(longest_gap({.kind = Schedule::Kind::at, .times = {TimeOfDay{0}}}) == 24h);
}
