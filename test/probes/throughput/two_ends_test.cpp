#include "test/probes/throughput/simulated_test_ends.h"

using namespace sonde;
using namespace sonde::test;

TEST_CASE("a test by time runs from connect to the exchanged results, and both ends count the same") {
  ThroughputEnds t;
  t.serve();
  t.start(t.order({{"duration", "10s"}}));
  const Result& result = t.result();
  INFO(result.sentence);
  CHECK(result.outcome == Outcome::done);
  CHECK(result.sentence.empty());
  REQUIRE(value_of(result, "throughput.rate", Direction::forward));
  CHECK(*value_of(result, "throughput.rate", Direction::forward) == Approx(1e9).epsilon(0.01));
  CHECK(value_of(result, "throughput.octets_sent", Direction::forward) ==
        value_of(result, "throughput.octets_received", Direction::forward));
  CHECK_FALSE(value_of(result, "throughput.rate", Direction::reverse));
  CHECK(t.reports[0].intervals.size() == 10);
  CHECK(t.phrases.size() == 10);
  t.world.run_for(1s);
  REQUIRE(t.ends.size() == 1);
  CHECK(t.ends[0].outcome == Outcome::done);
  CHECK(t.ends[0].sentence == "TCP, 1.25 GB of payload.");  // 10 s of 1 Gbit/s
  CHECK(t.data->movers == 0);
}

TEST_CASE("in reverse the server sends, and with both ways each direction has its own rate") {
  ThroughputEnds t;
  t.serve();
  t.start(t.order({{"duration", "5s"}, {"direction", "reverse"}, {"parallel", "3"}}));
  CHECK(*value_of(t.result(), "throughput.rate", Direction::reverse) == Approx(3e9).epsilon(0.01));
  CHECK_FALSE(value_of(t.result(), "throughput.rate", Direction::forward));
  t.start(t.order({{"duration", "5s"}, {"direction", "both"}, {"parallel", "2"}}));
  const Result& both = t.result(2);
  CHECK(*value_of(both, "throughput.rate", Direction::forward) == Approx(2e9).epsilon(0.01));
  CHECK(*value_of(both, "throughput.rate", Direction::reverse) == Approx(2e9).epsilon(0.01));
  CHECK(t.reports[1].own.streams.size() == 4);
  CHECK(t.reports[1].own.streams[3].id == 5);
}

TEST_CASE("a test by octets ends once they have moved, and omitted time is in no sum") {
  ThroughputEnds t;
  t.serve();
  t.start(t.order({{"octets", "250000000"}}));
  CHECK(value_of(t.result(), "throughput.octets_received", Direction::forward) == 250'000'000.0);
  t.start(t.order({{"duration", "4s"}, {"omit", "3s"}}));
  const Result& omitted = t.result(2);
  CHECK(*value_of(omitted, "throughput.octets_sent", Direction::forward) == Approx(4 * 1.25e8).epsilon(0.02));
  CHECK(t.reports[1].intervals.front().omitted);
  CHECK_FALSE(t.reports[1].intervals.back().omitted);
}

TEST_CASE("UDP goes at its rate and tells datagrams and loss") {
  ThroughputEnds t;
  t.serve();
  t.start(t.order({{"protocol", "udp"}, {"rate", "8e6"}, {"duration", "5s"}, {"length", "1000"}}));
  const Result& result = t.result();
  CHECK(result.outcome == Outcome::done);
  CHECK(*value_of(result, "throughput.rate", Direction::forward) == Approx(8e6).epsilon(0.01));
  CHECK(value_of(result, "loss.ratio", Direction::forward) == 0.0);
}

TEST_CASE("nobody there, and somebody who speaks another protocol, are failures with what to do") {
  ThroughputEnds t;
  t.start(t.order());
  CHECK(t.result().outcome == Outcome::failed);
  CHECK(t.results[0].sentence.find("connection refused") != std::string::npos);
  auto stranger = std::make_unique<ScriptedSession>();
  stranger->start = [](Now, Outbox& out) { out.listen({IpAddress::any(Family::v4), 5201}); };
  stranger->accepted = [](StreamId id, const Endpoint&, Now, Outbox& out) { out.write(id, as_bytes("SSH-2.0")); };
  t.server_loop.start(std::move(stranger));
  t.start(t.order());
  CHECK(t.result(2).outcome == Outcome::failed);
  CHECK(t.results[1].sentence.find("does not speak iperf3's protocol") != std::string::npos);
}

TEST_CASE("a server that falls silent costs a bounded time, and stopping a run tells the server") {
  ThroughputEnds t;
  auto silent = std::make_unique<ScriptedSession>();
  silent->start = [](Now, Outbox& out) { out.listen({IpAddress::any(Family::v4), 5201}); };
  const auto id = t.server_loop.start(std::move(silent));
  t.start(t.order());
  CHECK(t.result(1, 30s).sentence.find("stopped answering") != std::string::npos);
  t.server_loop.stop(id);
  t.world.run_for(1s);
  t.serve();
  const auto run = t.start(t.order());
  t.world.run_for(5s);
  t.client_loop.stop(run);
  CHECK(t.result(2).outcome == Outcome::failed);
  t.world.run_for(1s);
  CHECK(t.released.size() == 1);
  CHECK(t.data->movers == 0);
}

TEST_CASE("pings before and beside the data tell the delay that the load adds") {
  ThroughputEnds t;
  t.serve();
  t.start(t.order({{"duration", "10s"}, {"latency", "yes"}}));
  t.world.run_for(2500ms);
  t.world.way(t.client, t.server).delay = 33ms;  // a queue
  const Result& result = t.result();
  REQUIRE(value_of(result, "throughput.latency_idle", Direction::round_trip));
  CHECK(*value_of(result, "throughput.latency_idle", Direction::round_trip) == Approx(0.030).epsilon(0.01));
  CHECK(*value_of(result, "throughput.latency_loaded", Direction::round_trip) == Approx(0.050).epsilon(0.01));
  CHECK(*value_of(result, "throughput.latency_added", Direction::round_trip) == Approx(0.020).epsilon(0.02));
}

TEST_CASE("delay under load leaves out what the test omits, and says what its medians may be off") {
  ThroughputEnds t;
  t.serve();
  t.start(t.order({{"duration", "5s"}, {"omit", "5s"}, {"latency", "yes"}}));
  t.world.run_for(2500ms);
  t.world.way(t.client, t.server).delay = 130ms;  // slow start overshoots
  t.world.run_for(4500ms);
  t.world.way(t.client, t.server).delay = 33ms;
  const Result& result = t.result();
  REQUIRE(value_of(result, "throughput.latency_loaded", Direction::round_trip));
  for (const Statistic& one : result.statistics) {
    if (!one.metric->key.starts_with("throughput.latency")) continue;
    INFO(one.metric->key);
    CHECK(one.basis == Basis::sampling);
    REQUIRE((one.interval.low && one.interval.high));
    CHECK(*one.interval.low <= *one.value);
    CHECK(*one.interval.high >= *one.value);
    if (one.metric->key == "throughput.latency_loaded") CHECK(*one.interval.high < 0.06);
  }
  CHECK(result.parameters.at("pings_answered").ends_with(" 50 under load"));
}

TEST_CASE("a peer that answers no pings is measured all the same, and why there is no delay is said") {
  ThroughputEnds t;
  t.serve();
  t.world.way(t.client, t.server).lose_when = [](std::uint64_t, std::span<const std::byte>) { return true; };
  t.start(t.order({{"duration", "2s"}, {"latency", "yes"}}));
  const Result& result = t.result();
  CHECK(result.outcome == Outcome::done);
  CHECK_FALSE(value_of(result, "throughput.latency_added", Direction::round_trip));
  const auto found = std::ranges::find_if(
      result.statistics, [](const Statistic& one) { return one.metric->key == "throughput.latency_added"; });
  REQUIRE(found != result.statistics.end());
  CHECK(found->why == "the peer answered fewer than two pings");
}
