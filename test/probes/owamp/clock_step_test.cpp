#include "test/probes/owamp/two_ends.h"

using namespace sonde;
using namespace sonde::test;

namespace {

const UtcTime kStart = utc_from_seconds(1'795'240'800);  // a whole minute: where the simulated world begins

/// Every packet of the Result has the true delay, as the two clocks show it before the step.
void check_delays(const Result& result, Duration forward, Duration reverse) {
  for (const DirectionResult& direction : result.directions)
    for (const PacketRecord& packet : direction.packets) {
      REQUIRE(packet.received);
      REQUIRE(*packet.received - packet.sent == (direction.direction == Direction::forward ? forward : reverse));
    }
}

}  // namespace

TEST_CASE("an offset between the clocks shows in the delays of both directions, with its sign") {
  TwoEnds ends({.delay = 13ms}, {.delay = 17ms}, {.offset = -3s}, {.offset = 2s});
  ends.serve();
  ends.start(ends.order({}, TwoEnds::continuous()));
  const Result& result = ends.result(2);
  CHECK(result.outcome == Outcome::done);
  REQUIRE(result.directions.size() == 2);
  check_delays(result, 13ms + 5s, 17ms - 5s);
  for (const DirectionResult& direction : result.directions) CHECK(direction.counts.lost == 0);
  CHECK(value_of(result, Direction::reverse, "delay.p50") == Approx(0.017 - 5).margin(1e-9));
}

TEST_CASE("a peer whose clock is behind still gets to send its whole minute") {
  TwoEnds ends({.delay = 13ms}, {.delay = 17ms}, {}, {.offset = -4s});
  ends.serve();
  ends.start(ends.order({{"schedule", "periodic"}}, TwoEnds::continuous()));
  const Result& result = ends.result(2);
  REQUIRE(result.directions.size() == 2);
  for (const DirectionResult& direction : result.directions) CHECK(direction.counts.received == 600);
}

TEST_CASE(
    "a step of our clock ends the session with a note, keeps what was sure, and the next begins by the new clock") {
  const Duration step = GENERATE(Duration{500ms}, Duration{-700ms}, Duration{1h});
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order({}, TwoEnds::continuous()));
  ends.world.run_until(kStart + 150s);  // in the middle of the second measured minute
  ends.client.clock().step(step);
  const Result& cut = ends.result(2);
  CAPTURE(cut.sentence);
  CHECK(cut.outcome == Outcome::done);
  CHECK(cut.health.clock_stepped);
  CHECK(cut.sentence.find("clock stepped by") != std::string::npos);
  CHECK(cut.begin == kStart + 120s);
  REQUIRE(cut.directions.size() == 2);
  check_delays(cut, 13ms, 17ms);
  for (const DirectionResult& direction : cut.directions) {
    CHECK(direction.counts.lost == 0);
    CHECK(direction.counts.received > 150);
    CHECK(direction.packets.back().scheduled <= kStart + 140s);  // what was due in the last 10 s nobody can judge
  }
  ends.server.clock().step(step);  // so that the delays are the true ones again
  const std::size_t known = ends.results.size();
  const Result& next = ends.result(known + 2);
  CHECK(next.outcome == Outcome::done);
  CHECK_FALSE(next.health.clock_stepped);
  CHECK(next.begin == align_down(next.begin, 60s));
  CHECK(next.begin > cut.begin);
  for (const DirectionResult& direction : next.directions) CHECK(direction.counts.lost == 0);
  check_delays(next, 13ms, 17ms);
}

TEST_CASE("a step while the next minute is already asked for moves its start to the new clock") {
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order({}, TwoEnds::continuous()));
  ends.world.run_until(kStart + 172s);  // the third minute is asked for at least 15 s before it begins
  ends.client.clock().step(200ms);
  ends.server.clock().step(200ms);
  ends.result(3);
  std::size_t whole = 0;
  for (const Result& result : ends.results) {
    CAPTURE(format_utc(result.begin), result.sentence);
    CHECK(result.outcome == Outcome::done);
    check_delays(result, 13ms, 17ms);
    if (result.sentence.empty()) ++whole;
  }
  CHECK(whole == 2);  // the first, and the third
}

TEST_CASE("a step while a single run is on its way ends it with what was sure") {
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order({{"count", "100"}, {"loss_threshold", "1s"}}));
  ends.world.run_for(6s);
  ends.client.clock().step(-1h);
  const Result& result = ends.result();
  CHECK(result.outcome == Outcome::done);
  CHECK(result.health.clock_stepped);
  check_delays(result, 13ms, 17ms);
  REQUIRE(result.directions.size() == 2);
  for (const DirectionResult& direction : result.directions) CHECK(direction.counts.received > 20);
}
