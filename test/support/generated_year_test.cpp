#include "test/support/generated_year.h"

#include <catch2/catch.hpp>

#include "core/archive/durable_archive.h"
#include "test/support/generated_path.h"
#include "test/support/manual_clock.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

TEST_CASE("a generated year reads back as its formula says, in every series and width") {
  const TemporaryFolder folder;
  const GeneratedYear year{
      .data = folder.path(), .paths = 3, .cases = true, .end = utc_from_seconds(1'800'000'000 + 1500)};
  generate(year);
  const ManualClock clock(year.end);
  const auto archive = open_archive({.directory = folder / "archive"}, clock);
  const GeneratedPath path(1, year.end, true);
  const auto fetch = [&](const char* metric, Duration back, Duration length, Duration resolution) {
    const UtcTime begin = year.end - back;
    return archive->fetch({path.id(), 1, metric, Direction::forward, ""}, {begin, begin + length}, resolution).points;
  };
  for (const Point& point : fetch("delay.min", 3h, 3h, 1min)) {
    REQUIRE(point.value);
    CHECK(*point.value == Approx(path.at(Direction::forward, point.begin).base_s).epsilon(1e-9));
  }
  CHECK(fetch("delay.min", 3h, 3h, 1min).size() >= 179);
  CHECK(fetch("delay.p50", 30 * 24h, 30 * 24h, 1h).size() >= 719);
  const auto days = fetch("loss.ratio", 300 * 24h, 200 * 24h, 24h);
  CHECK(days.size() >= 199);
  const auto smoke = archive->smoke(path.id(), 1, Direction::reverse, {year.end - 360 * 24h, year.end}, 12h);
  CHECK(smoke.points.size() >= 700);
  // The prepared case: the median rises when the route changes, and the hops say so.
  const auto medians = fetch("delay.p50", 30h, 10h, 1h);
  REQUIRE(medians.size() >= 9);
  CHECK(*medians.back().value - *medians.front().value > 0.004);
  const auto events = archive->events({}, path.id(), 10);
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "route_change");
  CHECK(archive->results({.test = path.id()}).size() == 25);
}

TEST_CASE("a generated path is the same for ever") {
  const UtcTime end = utc_from_seconds(1'800'000'000);
  const GeneratedPath a(7, end, false), b(7, end, false);
  for (int hour = 0; hour < 100; ++hour)
    CHECK(a.at(Direction::forward, end - hour * 1h).base_s == b.at(Direction::forward, end - hour * 1h).base_s);
}
