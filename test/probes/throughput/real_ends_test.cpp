// Both ends ours over the real loopback: threads, sockets and the kernel's offloads.
#include "test/probes/throughput/real_ends.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/base/json.h"
#include "probes/throughput/iperf3_document.h"

using namespace sonde;
using namespace sonde::test;

namespace {

std::uint16_t free_port(Family family) {
  const LinuxClock clock;
  LinuxNetwork network(clock);
  return network.listen({IpAddress::loopback(family), 0})->local().port;
}

constexpr double kBlock = 131'072;  ///< the standard one of TCP

double value_of(const Result& result, std::string_view key, Direction direction) {
  for (const Statistic& one : result.statistics)
    if (one.metric->key == key && one.direction == direction) return one.value.value_or(-1);
  return -1;
}

}  // namespace

TEST_CASE("what one end sent is what the other received, to the octet: TCP, both ways, several streams") {
  const Family family = GENERATE(Family::v4, Family::v6);
  const IpAddress here = IpAddress::loopback(family);
  const std::uint16_t port = free_port(family);
  const RealServer server({here, port}, RealServer::everything());
  REQUIRE(server.error().empty());
  for (const std::string direction : {"forward", "reverse", "both"}) {
    const RealRun run = run_client(here, port, {{"octets", "30000000"}, {"direction", direction}, {"parallel", "2"}});
    INFO(direction << ": " << run.result.sentence);
    CHECK(run.result.outcome == Outcome::done);
    CHECK(run.result.sentence.empty());
    for (const Direction way : {Direction::forward, Direction::reverse}) {
      if (direction != "both" && direction != to_string(way)) continue;
      const double sent = value_of(run.result, "throughput.octets_sent", way);
      CHECK(value_of(run.result, "throughput.octets_received", way) == sent);
      CHECK(sent >= 30'000'000);
      CHECK(sent < 30'000'000 + 2 * kBlock);
      CHECK(std::fmod(sent, kBlock) == 0);
    }
  }
}

TEST_CASE("a stream with a planned rate ends with a whole block too, as newer iperf3 counts no other") {
  const IpAddress here = IpAddress::loopback(Family::v4);
  const std::uint16_t port = free_port(Family::v4);
  const RealServer server({here, port}, RealServer::everything());
  const RealRun run = run_client(here, port, {{"duration", "1s"}, {"rate", "33e6"}});
  REQUIRE(run.result.outcome == Outcome::done);
  const double sent = value_of(run.result, "throughput.octets_sent", Direction::forward);
  CHECK(sent > 0);
  CHECK(std::fmod(sent, kBlock) == 0);
  CHECK(value_of(run.result, "throughput.octets_received", Direction::forward) == sent);
}

TEST_CASE("UDP datagrams cut by the kernel arrive with their numbers, and all of them are accounted for") {
  const IpAddress here = IpAddress::loopback(Family::v4);
  const std::uint16_t port = free_port(Family::v4);
  const RealServer server({here, port}, RealServer::everything());
  const RealRun run =
      run_client(here, port, {{"protocol", "udp"}, {"rate", "2e9"}, {"blocks", "5000"}, {"length", "1000"}});
  INFO(run.result.sentence);
  REQUIRE(run.result.outcome == Outcome::done);
  CHECK(value_of(run.result, "throughput.octets_sent", Direction::forward) == 5'000'000);
  const double missing = 5'000'000 - value_of(run.result, "throughput.octets_received", Direction::forward);
  REQUIRE(run.report.remote);
  // What is missing at the end has no later number that would show it as lost.
  CHECK(missing >= 1000.0 * static_cast<double>(run.report.remote->streams.front().lost));
}

TEST_CASE("the document for iperf3's readers is JSON with its intervals, sums and ends; a failed run has its error") {
  const IpAddress here = IpAddress::loopback(Family::v4);
  const std::uint16_t port = free_port(Family::v4);
  {
    const RealServer server({here, port}, RealServer::everything());
    const RealRun run = run_client(here, port, {{"duration", "1s"}});
    const JsonParsed document = parse_json(throughput::iperf3_document(run.report, "localhost"));
    REQUIRE(document.value);
    const Json& end = *document.value->find("end");
    CHECK(end.find("sum_sent")->find("bytes")->number > 0);
    CHECK(end.find("sum_sent")->find("bytes")->number == end.find("sum_received")->find("bytes")->number);
    CHECK(end.find("streams")->items.front().find("sender")->find("max_rtt") != nullptr);
    CHECK(document.value->find("intervals")->items.size() == 1);
    CHECK(document.value->find("start")->find("test_start")->find("protocol")->text == "TCP");
    CHECK(document.value->find("error") == nullptr);
  }
  const RealRun failed = run_client(here, port, {{"duration", "1s"}});
  const JsonParsed document = parse_json(throughput::iperf3_document(failed.report, "localhost"));
  REQUIRE(document.value);
  CHECK(document.value->find("error")->text.find("connection refused") != std::string::npos);
}
