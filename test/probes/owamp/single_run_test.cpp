#include "test/probes/owamp/two_ends.h"

using namespace sonde;
using namespace sonde::test;

TEST_CASE("a single run measures each direction on its own") {
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order());
  const Result& result = ends.result();
  CAPTURE(result.sentence);
  CHECK(result.outcome == Outcome::done);
  REQUIRE(result.directions.size() == 2);
  for (const Direction direction : {Direction::forward, Direction::reverse}) {
    const DirectionResult* one = direction_of(result, direction);
    REQUIRE(one);
    CHECK(one->counts == Counts{.sent = 50, .received = 50});
    const double delay = direction == Direction::forward ? 0.013 : 0.017;
    CHECK(value_of(result, direction, "delay.p50") == Approx(delay).margin(1e-9));
    CHECK(value_of(result, direction, "delay.min") == Approx(delay).margin(1e-9));
  }
  CHECK_FALSE(result.health.slip_p99);  // 50 packets say nothing about one in a hundred
  CHECK(result.remote_clock.synchronised);
  CHECK_FALSE(result.own_clocks_only);
}
