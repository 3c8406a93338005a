#pragma once

#include <catch2/catch.hpp>
#include <deque>

#include "probes/throughput/server.h"
#include "probes/throughput/throughput.h"
#include "probes/throughput/wire.h"
#include "test/probes/throughput/fake_mover.h"
#include "test/support/scripted_session.h"
#include "test/support/simulated_world.h"

namespace sonde::test {

using namespace std::chrono_literals;

/// Clients and a throughput server in a simulated world, 13 ms and 17 ms apart; the data is 1 Gbit/s a stream.
struct ThroughputEnds {
  ThroughputEnds()
      : client(world.host("client", {"10.0.0.1", "10.0.0.3"})),
        server(world.host("server", {"10.0.0.2"})),
        other(world.host("other", {"10.0.0.9"})),
        client_loop(client.make_loop(world.log("client loop"))),
        server_loop(server.make_loop(world.log("server loop"))),
        other_loop(other.make_loop(world.log("other loop"))) {
    world.link(client, server, {.delay = 13ms}, {.delay = 17ms});
  }

  static Allowance everything() { return {true, 100'000, 3600, 128, 1000, 1'000'000'000'000, "test"}; }

  throughput::ServerOptions options(Allowance allowance = everything()) {
    throughput::ServerOptions options{.listen = {IpAddress::any(Family::v4), 5201},
                                      .clock = server.clock(),
                                      .random = *random,
                                      .log = world.log("server"),
                                      .allowance = [allowance](const IpAddress&) { return allowance; }};
    options.release = [this](const throughput::AskEnd& end) {
      released.push_back(end.id);
      ends.push_back(end);
    };
    options.make_mover = fake_movers(data);
    return options;
  }
  void serve(throughput::ServerOptions options) {
    server_loop.start(throughput::make_server(std::move(options), throughput::make_floor()));
  }
  void serve(Allowance allowance = everything()) { serve(options(allowance)); }

  RunOrder order(Options wanted = {}) {
    RunOrder order;
    order.spec.id = "test";
    order.spec.probe = "throughput";
    order.spec.options = std::move(wanted);
    order.spec.options.try_emplace("latency", "no");
    order.spec.schedule.kind = Schedule::Kind::once;
    order.run = "run";
    order.target = *IpAddress::parse("10.0.0.2");
    return order;
  }
  std::uint64_t start(const RunOrder& run) {
    return client_loop.start(throughput::make_client(run, context, fake_movers(data),
                                                     [this](const throughput::Report& r) { reports.push_back(r); }));
  }
  const Result& result(std::size_t count = 1, Duration limit = 10min) {
    REQUIRE(world.run_until([&] { return results.size() >= count; }, limit));
    return results[count - 1];
  }

  /// A client of the test's own making: `talk` gets what the server says, all of it so far.
  struct Raw {
    Bytes heard;
    std::string ended;
  };
  void raw(PacketLoop& loop, Raw& into, std::function<void(StreamId, Outbox&)> connected,
           std::function<void(StreamId, Outbox&)> heard = {}) {
    auto session = std::make_unique<ScriptedSession>();
    session->start = [](Now, Outbox& out) { out.connect({*IpAddress::parse("10.0.0.2"), 5201}, {}); };
    session->connected = [connected = std::move(connected)](StreamId id, Now, Outbox& out) { connected(id, out); };
    session->bytes = [&into, heard = std::move(heard)](StreamId id, std::span<const std::byte> data, Now, Outbox& out) {
      into.heard.insert(into.heard.end(), data.begin(), data.end());
      if (heard) heard(id, out);
    };
    session->closed = [&into](StreamId, const std::string& why, Now, Outbox&) { into.ended = why; };
    loop.start(std::move(session));
  }
  static std::string hex(const Raw& raw) { return to_hex(raw.heard); }

  // Before the world: a server that is still there at the end uses them.
  std::vector<std::uint64_t> released;
  std::vector<throughput::AskEnd> ends;
  std::shared_ptr<FakeData> data = std::make_shared<FakeData>();
  std::unique_ptr<Random> random = seeded_random(7), client_random = seeded_random(8);
  SimulatedWorld world;
  SimulatedHost& client;
  SimulatedHost& server;
  SimulatedHost& other;
  PacketLoop& client_loop;
  PacketLoop& server_loop;
  PacketLoop& other_loop;
  std::deque<Result> results;
  std::deque<throughput::Report> reports;
  std::vector<std::string> phrases;
  ProbeContext context{.clock = client.clock(),
                       .network = client.make_network(),
                       .random = *client_random,
                       .log = world.log("client"),
                       .report = [this](Result r) { results.push_back(std::move(r)); },
                       .progress = [this](double, std::string phrase) { phrases.push_back(std::move(phrase)); }};
};

inline std::optional<double> value_of(const Result& result, std::string_view key, Direction direction) {
  for (const Statistic& one : result.statistics)
    if (one.metric->key == key && one.direction == direction) return one.value;
  return std::nullopt;
}

}  // namespace sonde::test
