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

TEST_CASE("packets that fell from our own socket are not measured, and never lost") {
  TwoEnds ends({.delay = 13ms}, {.delay = 17ms, .dropped_here = 0.2});
  ends.serve();
  ends.start(ends.order({{"count", "200"}}));
  const Result& result = ends.result();
  const Counts& counts = direction_of(result, Direction::reverse)->counts;
  CHECK(counts.dropped_here > 20);
  CHECK(counts.lost == 0);
  CHECK(counts.received + counts.dropped_here == 200);
  CHECK(result.health.socket_drops == counts.dropped_here);
  CHECK(value_of(result, Direction::reverse, "loss.ratio") == 0.0);
}

TEST_CASE("packets longer under way than the threshold are lost, whichever way they go") {
  TwoEnds ends({.delay = 1ms}, {.delay = 1ms});
  ends.serve();
  ends.start(ends.order({{"loss_threshold", "500ms"}, {"count", "40"}, {"schedule", "periodic"}}));
  REQUIRE(ends.world.run_until([&] { return !ends.world.truth().empty(); }, 1min));
  ends.world.run_for(2s);
  ends.world.way(ends.client, ends.server).delay = 501ms;
  ends.world.way(ends.server, ends.client).delay = 501ms;
  const Result& result = ends.result();
  for (const DirectionResult& direction : result.directions) {
    CHECK(direction.counts.received >= 20);
    CHECK(direction.counts.lost >= 18);
    CHECK(direction.counts.received + direction.counts.lost == 40);
  }
}

TEST_CASE("one direction alone is measured alone") {
  const std::string direction = GENERATE("forward", "reverse");
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order({{"direction", direction}}));
  const Result& result = ends.result();
  REQUIRE(result.directions.size() == 1);
  CHECK(to_string(result.directions[0].direction) == direction);
  CHECK(result.directions[0].counts.received == 50);
  CHECK(result.sentence.empty());
}

TEST_CASE("test packets have the padding that was asked for, in both directions") {
  TwoEnds ends;
  ends.serve();
  RunOrder order = ends.order({{"padding", "36"}, {"count", "5"}});
  ends.start(order);
  CHECK(ends.result().parameters.at("padding") == "36 octets");
  for (const Truth& truth : ends.world.truth()) CHECK(truth.head.size() == 50);
}

TEST_CASE("IPv6 is measured like IPv4") {
  TwoEnds ends;
  ends.serve(TwoEnds::everything(), Family::v6);
  RunOrder order = ends.order();
  order.target = *IpAddress::parse("fd00::2");
  ends.start(order);
  const Result& result = ends.result();
  CHECK(result.outcome == Outcome::done);
  CHECK(result.local_address.text() == "fd00::1");
  CHECK(result.directions.size() == 2);
}

TEST_CASE("the peer's bound comes from its error estimates, and is unknown when it says so") {
  TwoEnds ends;
  ends.server.clock().vouch({.bound = 3ms, .synchronised = true, .believed = true, .source = "test"});
  ends.serve();
  ends.start(ends.order());
  const Result& known = ends.result();
  REQUIRE(known.remote_clock.bound);
  CHECK(*known.remote_clock.bound >= 3ms);
  CHECK(*known.remote_clock.bound < 3100us);
  TwoEnds unknown;
  unknown.server.clock().vouch({.bound = 3ms, .synchronised = false, .believed = true, .source = "test"});
  unknown.serve();
  unknown.start(unknown.order());
  CHECK_FALSE(unknown.result().remote_clock.bound);
}

TEST_CASE("a node that measures itself says that both stamps are of one clock") {
  TwoEnds ends;
  const std::string own = GENERATE("127.0.0.1", "10.0.0.1");
  owamp::ServerOptions options{.listen = {IpAddress::any(Family::v4), 861},
                               .clock = ends.client.clock(),
                               .random = *ends.server_random,
                               .log = {},
                               .allowance = [](const IpAddress&) { return TwoEnds::everything(); }};
  ends.client_loop.start(owamp::make_server(std::move(options)));
  RunOrder order = ends.order();
  order.target = *IpAddress::parse(own);
  ends.start(order);
  const Result& result = ends.result();
  CHECK(result.outcome == Outcome::done);
  CHECK(result.own_clocks_only);
}

TEST_CASE("a run that is stopped reports what could be judged and ends") {
  TwoEnds ends;
  ends.serve();
  const auto session = ends.start(ends.order({{"count", "200"}, {"loss_threshold", "1s"}}));
  ends.world.run_for(10s);
  ends.client_loop.stop(session);
  const Result& result = ends.result(1, 5s);
  CHECK(result.outcome == Outcome::done);
  CHECK(result.sentence.find("ended from here before its time") != std::string::npos);
  REQUIRE(result.directions.size() == 2);
  for (const DirectionResult& direction : result.directions) {
    CHECK(direction.counts.received > 50);
    CHECK(direction.counts.lost == 0);
  }
  CHECK(ends.client_loop.health().sessions == 0);
}

TEST_CASE("a run tells how far it is") {
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order());
  ends.result();
  REQUIRE(ends.phrases.size() >= 3);
  CHECK(ends.phrases.back().find(" of 50") != std::string::npos);
}

TEST_CASE("the port is the order's, else the option's, else the well-known one with the node's offset") {
  TwoEnds ends;
  RunOrder order = ends.order();
  const auto refused_at = [&](const std::string& port) {
    ends.start(order);
    return ends.result(ends.results.size() + 1).sentence.find("10.0.0.2:" + port + " ") != std::string::npos;
  };
  order.port_offset = 10'000;
  CHECK(refused_at("10861"));
  order.spec.options["port"] = "4000";
  CHECK(refused_at("4000"));
  order.port = 5000;
  CHECK(refused_at("5000"));
}

TEST_CASE("the cost of a continuous test is known before it is saved") {
  TestSpec spec = TwoEnds().order({}, TwoEnds::continuous()).spec;
  const Cost cost = owamp::probe_type.cost(spec);
  CHECK(cost.packets_per_second == Approx(20));
  CHECK(cost.results_per_day == Approx(1440));
  CHECK(cost.packet_records_per_day == Approx(2 * 864'000));
  CHECK(cost.wire_bps == Approx(20 * 8 * 42));
  CHECK(cost.series > 0);
}
