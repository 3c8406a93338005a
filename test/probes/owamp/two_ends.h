#pragma once

#include <catch2/catch.hpp>
#include <deque>

#include "core/run/probe_type.h"
#include "probes/owamp/server.h"
#include "probes/owamp/wire.h"
#include "test/support/simulated_world.h"

namespace sonde::owamp {
extern const ProbeType probe_type;
}

namespace sonde::test {

using namespace std::chrono_literals;

/// A client's and a server's host in a simulated world, and what the client reports.
struct TwoEnds {
  explicit TwoEnds(const LinkOptions& there = {.delay = 13ms}, const LinkOptions& back = {.delay = 17ms},
                   const ClockOptions& client_clock = {}, const ClockOptions& server_clock = {})
      : client(world.host("client", {"10.0.0.1", "fd00::1"}, client_clock)),
        server(world.host("server", {"10.0.0.2", "fd00::2"}, server_clock)),
        client_loop(client.make_loop(world.log("client loop"))),
        server_loop(server.make_loop(world.log("server loop"))) {
    world.link(client, server, there, back);
  }

  static Allowance everything() { return {true, 100'000, 86'400, 64, 64, 1'000'000'000'000, "test"}; }

  void serve(Allowance allowance = everything(), Family family = Family::v4) {
    owamp::ServerOptions options{.listen = {IpAddress::any(family), 861},
                                 .clock = server.clock(),
                                 .random = *server_random,
                                 .log = world.log("server"),
                                 .allowance = [allowance](const IpAddress&) { return allowance; }};
    server_loop.start(owamp::make_server(std::move(options)));
  }

  RunOrder order(Options options = {}, Schedule schedule = {.kind = Schedule::Kind::once}) {
    RunOrder order;
    order.spec.id = "test";
    order.spec.probe = "owamp";
    order.spec.options = std::move(options);
    order.spec.schedule = schedule;
    order.run = "run";
    order.target = *IpAddress::parse("10.0.0.2");
    return order;
  }
  static Schedule continuous(Duration step = 60s) { return {.kind = Schedule::Kind::continuous, .period = step}; }

  std::uint64_t start(const RunOrder& run) { return client_loop.start(owamp::probe_type.open(run, context)); }
  /// Runs until `count` Results are there; the last one.
  const Result& result(std::size_t count = 1, Duration limit = 10min) {
    REQUIRE(world.run_until([&] { return results.size() >= count; }, limit));
    return results[count - 1];
  }

  SimulatedWorld world;
  SimulatedHost& client;
  SimulatedHost& server;
  PacketLoop& client_loop;
  PacketLoop& server_loop;
  std::unique_ptr<Random> client_random = seeded_random(7), server_random = seeded_random(8);
  std::deque<Result> results, live;  // grow without moving what a test looks at
  std::vector<std::string> phrases;
  ProbeContext context{.clock = client.clock(),
                       .network = client.make_network(),
                       .random = *client_random,
                       .log = world.log("client"),
                       .report = [this](Result r) { results.push_back(std::move(r)); },
                       .progress = [this](double, std::string phrase) { phrases.push_back(std::move(phrase)); },
                       .live = [this](Result r) { live.push_back(std::move(r)); }};
};

inline const DirectionResult* direction_of(const Result& result, Direction direction) {
  for (const DirectionResult& one : result.directions)
    if (one.direction == direction) return &one;
  return nullptr;
}

inline std::optional<double> value_of(const Result& result, Direction direction, std::string_view key) {
  for (const Statistic& statistic : result.statistics)
    if (statistic.direction == direction && statistic.metric->key == key) return statistic.value;
  return std::nullopt;
}

}  // namespace sonde::test
