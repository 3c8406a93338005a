// Whole nodes without windows: engine, scheduler, loops and probes in a simulated world.
#include <catch2/catch.hpp>

#include "appliance/engine.h"
#include "probes/catalogue.h"
#include "test/support/memory_archive.h"
#include "test/support/simulated_world.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

TestSpec ping_every(Duration period) {
  TestSpec spec;
  spec.id = "ping-b";
  spec.title = "round trip to b";
  spec.probe = "ping";
  spec.peer = "b";
  spec.schedule = {.kind = Schedule::Kind::every, .period = period, .spread = 10s};
  spec.options = {{"count", "10"}, {"interval", "100ms"}, {"loss_threshold", "2s"}};
  return spec;
}

/// Node "a" with an engine, and a bare host "b" that answers pings.
struct Stage {
  explicit Stage(LinkOptions link = {.delay = 5ms}) { world.link(a, b, link); }
  /// Sessions tell the engine of their end: the loop goes first.
  ~Stage() {
    a.remove(loop.get());
    loop.reset();
  }

  void run(std::vector<TestSpec> tests) {
    auto config = std::make_shared<Config>();
    config->peers = {{"b", "host b", "10.0.0.2"}, {"nobody", "nobody", "10.0.0.99"}};
    config->tests = std::move(tests);
    engine.apply(config);
  }
  std::vector<std::shared_ptr<const Result>> results(const std::string& test) {
    auto found = archive.results({.test = test, .limit = 1000});
    std::ranges::reverse(found);
    return found;
  }

  SimulatedWorld world;
  SimulatedHost& a = world.host("a", {"10.0.0.1"});
  SimulatedHost& b = world.host("b", {"10.0.0.2"});
  Network& network = a.make_network();
  std::unique_ptr<Random> random = seeded_random(7);
  std::unique_ptr<PacketLoop> loop = std::make_unique<PacketLoop>(a.clock(), network, world.log("loop"));
  TaskLoop tasks{a.clock()};
  MemoryArchive archive;
  std::unique_ptr<Resolver> resolver = literal_resolver();
  Engine engine{{.catalogue = probe_catalogue(),
                 .clock = &a.clock(),
                 .tasks = &tasks,
                 .archive = &archive,
                 .resolver = resolver.get(),
                 .random = random.get(),
                 .seats = {{loop.get(), &network, random.get()}},
                 .log = world.log("engine")}};
  bool added = [this] {
    tasks.on_clock_step([this](Duration step) { engine.clock_stepped(step); });
    a.add(*loop);
    a.add(tasks);
    return true;
  }();
};

std::optional<double> value(const Result& result, std::string_view key) {
  for (const Statistic& s : result.statistics)
    if (s.metric->key == key) return s.value;
  return std::nullopt;
}

}  // namespace

TEST_CASE("an hour of planned pings is an hour of results, each on its step and equal to the truth") {
  Stage stage;
  stage.run({ping_every(1min)});
  stage.world.run_for(1h);
  const auto results = stage.results("ping-b");
  REQUIRE(results.size() >= 59);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Result& r = *results[i];
    CHECK(r.outcome == Outcome::done);
    CHECK(r.continuous);
    CHECK(r.step == 1min);
    REQUIRE(r.directions.size() == 1);
    CHECK(r.directions[0].counts.sent == 10);
    CHECK(r.directions[0].counts.received == 10);
    CHECK(value(r, "delay.min") == Approx(0.010).margin(1e-9));
    CHECK(r.own_clocks_only);
    if (i > 0) CHECK(align_down(r.begin, 1min) == align_down(results[i - 1]->begin, 1min) + 1min);
  }
}

TEST_CASE("a dead peer gives a failed result with a reason each time, and the next run comes at its time") {
  Stage stage({.delay = 5ms, .down = true});
  stage.run({ping_every(1min)});
  stage.world.run_for(5min);
  const auto results = stage.results("ping-b");
  REQUIRE(results.size() >= 4);
  for (const auto& r : results) {
    CHECK(r->outcome == Outcome::failed);
    CHECK(r->sentence.find("answered none of 10 pings") != std::string::npos);
    CHECK_FALSE(r->continuous);
  }
}

TEST_CASE("a name without an address is a failed result that names it") {
  Stage stage;
  TestSpec spec = ping_every(1min);
  spec.family = Family::v6;
  stage.run({spec});
  stage.world.run_for(2min);
  const auto results = stage.results("ping-b");
  REQUIRE_FALSE(results.empty());
  CHECK(results[0]->outcome == Outcome::failed);
  CHECK(results[0]->sentence.find("10.0.0.2") != std::string::npos);
}

TEST_CASE("a clock step ends the running run with a note and is an event") {
  Stage stage;
  stage.run({ping_every(1min)});
  // Half a second after a run began, the clock goes back by an hour.
  REQUIRE(stage.world.run_until([&] { return !stage.world.truth().empty(); }, 3min));
  stage.world.run_for(500ms);
  stage.a.clock().step(-1h);
  stage.world.run_for(5min);
  const auto events = stage.archive.events({UtcTime::min(), UtcTime::max()}, "", 100);
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "clock_step");
  CHECK(events[0].sentence.find("back by 1 h") != std::string::npos);
  std::size_t noted = 0;
  for (const auto& r : stage.results("ping-b")) {
    if (r->health.clock_stepped) {
      ++noted;
      CHECK(r->outcome == Outcome::failed);
    } else {
      CHECK(value(*r, "delay.max") == Approx(0.010).margin(1e-9));
    }
  }
  CHECK(noted == 1);
}

TEST_CASE("a test deleted while it runs ends at once and tells what it measured") {
  Stage stage;
  stage.run({ping_every(1min)});
  REQUIRE(stage.world.run_until([&] { return stage.world.truth().size() >= 6; }, 3min));
  stage.run({});
  stage.world.run_for(10s);
  CHECK(stage.engine.scheduler().runs().front().state != RunState::running);
  const auto results = stage.results("ping-b");
  REQUIRE(results.size() == 1);
  CHECK(results[0]->sentence == "Stopped before its end.");
}

TEST_CASE("the interfaces of a node are polled on whole steps; a counter that went back is undefined") {
  Stage stage;
  stage.a.interfaces() = {{.name = "eth0", .index = 2, .up = true, .running = true, .in_octets = 1000, .mtu = 1500}};
  TestSpec spec;
  spec.id = "if";
  spec.probe = "interfaces";
  spec.schedule = {.kind = Schedule::Kind::continuous, .period = 10s};
  stage.run({spec});
  stage.world.run_for(15s);
  stage.a.interfaces()[0].in_octets += 12'500;
  stage.world.run_for(10s);
  stage.a.interfaces()[0].in_octets = 5;
  stage.world.run_for(10s);
  const auto results = stage.results("if");
  REQUIRE(results.size() >= 3);
  CHECK(utc_seconds(results[0]->begin) % 10 == 0);
  CHECK(value(*results[results.size() - 2], "interface.in_rate") == Approx(10'000));
  CHECK_FALSE(value(*results.back(), "interface.in_rate"));
}
