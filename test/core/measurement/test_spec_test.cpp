#include "core/measurement/test_spec.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

TEST_CASE("a schedule is told in words") {
  CHECK(describe({.kind = Schedule::Kind::every, .period = 5min}) == "every 5 min");
  CHECK(describe({.kind = Schedule::Kind::continuous, .period = 1min}) == "all day");
  CHECK(describe({.kind = Schedule::Kind::once, .at = utc_from_seconds(1'795'241'620)}) ==
        "once at 2026-11-21T06:13:40Z");
}
