// A node that traces for some hours in a simulated world: what it stores of routes that stay, spread and change.
#include <catch2/catch.hpp>

#include "appliance/engine.h"
#include "probes/catalogue.h"
#include "test/support/memory_archive.h"
#include "test/support/simulated_world.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

using Texts = std::vector<std::string>;

struct Stage {
  explicit Stage(const Texts& routers) {
    world.link(a, b, {.delay = 5ms, .routers = routers}, {.delay = 5ms});
    auto config = std::make_shared<Config>();
    config->peers = {{"b", "host b", "10.0.0.2"}};
    TestSpec spec;
    spec.id = "trace-b";
    spec.probe = "trace";
    spec.peer = "b";
    spec.schedule = {.kind = Schedule::Kind::every, .period = 10min, .spread = 30s};
    config->tests = {spec};
    a.add(loop);
    a.add(tasks);
    engine.apply(config);
  }
  void reroute(const Texts& routers) { world.way(a, b).routers = routers; }
  Texts kinds() const {
    Texts all;
    for (const Event& event : archive.events({UtcTime{}, UtcTime::max()}, "trace-b", 100))
      all.insert(all.begin(), event.kind);
    return all;
  }
  std::vector<std::shared_ptr<const Result>> results() const {
    return archive.results({.test = "trace-b", .range = {UtcTime{}, UtcTime::max()}, .limit = 1000});
  }

  SimulatedWorld world;
  SimulatedHost& a = world.host("a", {"10.0.0.1"});
  SimulatedHost& b = world.host("b", {"10.0.0.2"});
  Network& network = a.make_network();
  std::unique_ptr<Random> random = seeded_random(7);
  PacketLoop loop{a.clock(), network, world.log("loop")};
  TaskLoop tasks{a.clock()};
  MemoryArchive archive;
  std::unique_ptr<Resolver> resolver = literal_resolver();
  Engine engine{{.catalogue = probe_catalogue(),
                 .clock = &a.clock(),
                 .tasks = &tasks,
                 .archive = &archive,
                 .resolver = resolver.get(),
                 .random = random.get(),
                 .seats = {{&loop, &network, random.get()}},
                 .log = world.log("engine")}};
};

}  // namespace

TEST_CASE("six hours of a route with a balanced hop are one route, stored once") {
  Stage stage({"10.1.0.1", "10.1.1.1|10.1.1.2|10.1.1.3", "10.1.2.1"});
  stage.world.run_for(6h);
  const auto results = stage.results();
  REQUIRE(results.size() >= 35);
  std::size_t with_route = 0;
  for (const auto& result : results) {
    CHECK(result->outcome == Outcome::done);
    CHECK(result->continuous);
    with_route += result->route.has_value();
  }
  CHECK(with_route == 1);
  CHECK(stage.kinds() == Texts{"route"});
}

TEST_CASE("a router that is lost and found, falls silent and leaves makes exactly its changes") {
  const Texts first{"10.1.0.1", "10.1.1.1", "10.1.2.1"}, other{"10.1.0.1", "10.1.9.9", "10.1.2.1"};
  Stage stage(first);
  stage.world.run_for(1h);
  stage.reroute(other);
  stage.world.run_for(1h);
  stage.reroute({"10.1.0.1", "-", "10.1.2.1"});
  stage.world.run_for(1h);
  CHECK(stage.kinds() == Texts{"route", "route_change"});
  stage.reroute(first);
  stage.world.run_for(1h);
  stage.reroute({"10.1.0.1", "10.1.2.1"});
  stage.world.run_for(1h);
  CHECK(stage.kinds() == Texts{"route", "route_change", "route_change", "route_change"});
  const auto events = stage.archive.events({UtcTime{}, UtcTime::max()}, "trace-b", 1);
  CHECK(events.at(0).sentence ==
        "The route to 10.0.0.2 changed at hop 2: 10.1.1.1 → 10.1.2.1; 4 hops before, 3 hops now.");
}

TEST_CASE("loss on the way makes no change of route") {
  Stage stage({"10.1.0.1", "10.1.1.1", "10.1.2.1"});
  stage.world.way(stage.a, stage.b).loss = 0.2;
  stage.world.run_for(24h);
  for (const std::string& kind : stage.kinds()) CHECK(kind != "route_change");
  REQUIRE(stage.results().size() >= 140);
}
