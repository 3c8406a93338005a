#include "test/probes/owamp/two_ends.h"

using namespace sonde;
using namespace sonde::test;

namespace {

const UtcTime kStart = utc_from_seconds(1'795'240'800);  // a whole minute: where the simulated world begins

}  // namespace

TEST_CASE("a continuous test has one session and one Result for each UTC minute, without a gap") {
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order({}, TwoEnds::continuous()));
  ends.result(5);
  for (std::size_t i = 0; i < 5; ++i) {
    const Result& result = ends.results[i];
    CAPTURE(i, result.sentence);
    CHECK(result.outcome == Outcome::done);
    CHECK(result.continuous);
    CHECK(result.step == 60s);
    CHECK(result.begin == kStart + 60s * static_cast<int>(i + 1));
    CHECK(result.end == result.begin + 60s);
    REQUIRE(result.directions.size() == 2);
    for (const DirectionResult& direction : result.directions) {
      CHECK(direction.counts.lost == 0);
      CHECK(direction.counts.sent == direction.counts.received);
      CHECK(direction.counts.sent > 500);
      CHECK(direction.counts.sent < 700);
      for (const PacketRecord& packet : direction.packets) {
        REQUIRE(packet.scheduled >= result.begin);
        REQUIRE(packet.scheduled < result.end);
      }
    }
  }
}

TEST_CASE("the outgoing direction is known within 75 s of its first packet") {
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order({}, TwoEnds::continuous()));
  const Result& result = ends.result(1);
  CHECK(ends.world.now() - result.begin <= 75s);
  CHECK(direction_of(result, Direction::forward) != nullptr);
}

TEST_CASE("evenly spaced packets fill the minute to the last one") {
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order({{"schedule", "periodic"}}, TwoEnds::continuous()));
  const Result& result = ends.result(2);
  for (const DirectionResult& direction : result.directions) {
    CHECK(direction.counts.sent == 600);
    CHECK(direction.packets.front().scheduled == result.begin);
    CHECK(direction.packets.back().scheduled < result.end);
    CHECK(direction.packets.back().scheduled > result.end - 101ms);
  }
}

TEST_CASE("the incoming direction is told live while the minute runs") {
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order({}, TwoEnds::continuous()));
  ends.world.run_for(95s);
  CHECK(ends.results.empty());
  REQUIRE(ends.live.size() >= 5);
  const Result& live = ends.live.back();
  CHECK(live.begin == kStart + 60s);
  REQUIRE(live.directions.size() == 1);
  CHECK(live.directions[0].direction == Direction::reverse);
  CHECK(live.directions[0].counts.received > 200);
  CHECK(live.directions[0].counts.lost == 0);
  CHECK(value_of(live, Direction::reverse, "delay.p50") == Approx(0.017).margin(1e-9));
}
