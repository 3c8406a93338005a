// Two whole nodes without windows, an hour of OWAMP between them, and every number held against the truth.
#include <algorithm>
#include <catch2/catch.hpp>

#include "appliance/engine.h"
#include "appliance/responders.h"
#include "probes/catalogue.h"
#include "test/scenario/owamp_truth.h"
#include "test/support/memory_archive.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

constexpr Duration kThreshold = 10s;

/// Engine, loops and the answering side of one node, in a host of the simulated world.
class MeasuringNode {
 public:
  MeasuringNode(SimulatedWorld& world, SimulatedHost& host, std::uint64_t seed)
      : host_(host), random_(seeded_random(seed)) {
    engine_ = std::make_unique<Engine>(Engine::Parts{.catalogue = probe_catalogue(),
                                                     .clock = &host.clock(),
                                                     .tasks = &tasks_,
                                                     .archive = &archive,
                                                     .resolver = resolver_.get(),
                                                     .random = random_.get(),
                                                     .seats = {{loop_.get(), &network_, random_.get()}},
                                                     .log = world.log(host.name())});
    tasks_.on_clock_step([this](Duration step) { engine_->clock_stepped(step); });
    host.add(*loop_);
    host.add(tasks_);
    Config table;
    table.set_up = true;
    table.engine_rules = {{.engine = "owamp", .source = *Prefix::parse("10.0.0.0/24"), .allow = true}};
    responders_ = std::make_unique<Responders>(Responders::Parts{
        .loop = loop_.get(),
        .random = random_.get(),
        .clock = &host.clock(),
        .log = world.log(host.name()),
        .address = {},
        .port_offset = 0,
        .test_ports = {8760, 8960},
        .limits = [limits = std::make_shared<const Limits>(table, ConfigStore::Source::file, std::vector<Prefix>{})] {
          return limits;
        }});
    responders_->start();
  }
  ~MeasuringNode() {
    host_.remove(loop_.get());
    host_.remove(&tasks_);
    loop_.reset();  // its sessions tell the engine of their end
  }

  void measure(const std::string& peer) {
    auto config = std::make_shared<Config>();
    config->peers = {{"peer", "the other node", peer}};
    TestSpec spec;
    spec.id = "owamp";
    spec.probe = "owamp";
    spec.peer = "peer";
    spec.schedule = {.kind = Schedule::Kind::continuous, .period = 60s};
    config->tests = {spec};
    engine_->apply(config);
  }
  std::vector<std::shared_ptr<const Result>> results() const {
    auto found = archive.results({.test = "owamp", .range = {UtcTime::min(), UtcTime::max()}, .limit = 10'000});
    std::ranges::reverse(found);
    return found;
  }

  MemoryArchive archive;

 private:
  SimulatedHost& host_;
  std::unique_ptr<Random> random_;
  Network& network_ = host_.make_network();
  TaskLoop tasks_{host_.clock()};
  std::unique_ptr<Resolver> resolver_ = literal_resolver();
  std::unique_ptr<PacketLoop> loop_ = std::make_unique<PacketLoop>(host_.clock(), network_, Log{});
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Responders> responders_;
};

const IpAddress kHere = *IpAddress::parse("10.0.0.1"), kThere = *IpAddress::parse("10.0.0.2");

Endpoint port_of(const Result& result, const IpAddress& address, const std::string& parameter) {
  return {address, static_cast<std::uint16_t>(std::stoi(result.parameters.at(parameter)))};
}

std::map<std::uint32_t, TruePacket> truth_of(const SimulatedWorld& world, const Result& result, Direction direction,
                                             TimeRange window, Duration here, Duration there) {
  const Endpoint own = port_of(result, kHere, "test_port");
  if (direction == Direction::forward)
    return true_packets(world, own, port_of(result, kThere, "peer_receives_at"), window, there);
  return true_packets(world, port_of(result, kThere, "peer_sends_from"), own, window, here);
}

}  // namespace

TEST_CASE("an hour of OWAMP over a bad path with clocks apart: every packet, count and statistic is the truth") {
  const LinkOptions bad{.delay = 13ms, .jitter = 4ms, .loss = 0.01, .duplicate = 0.005, .overtake = 0.01};
  LinkOptions back = bad;
  back.delay = 21ms;
  const Duration here = -3'000'017ns, there = 5'000'003ns, step = 40'000'001ns;
  SimulatedWorld world(11);
  SimulatedHost& a = world.host("a", {"10.0.0.1"}, {.offset = here});
  SimulatedHost& b = world.host("b", {"10.0.0.2"}, {.offset = there});
  world.link(a, b, bad, back);
  MeasuringNode first(world, a, 1), second(world, b, 2);
  first.measure("10.0.0.2");
  const UtcTime step_at = world.now() + 30min + 45s;
  world.at(step_at, [&] { a.clock().step(step); });
  world.run_for(1h + 90s);

  const auto results = first.results();
  REQUIRE(results.size() == 60);
  std::uint64_t packets = 0, lost = 0, copies = 0, reordered = 0;
  std::size_t cut = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Result& result = *results[i];
    CAPTURE(i, format_utc(result.begin), result.sentence);
    REQUIRE(result.outcome == Outcome::done);
    REQUIRE(result.directions.size() == 2);
    CHECK(result.begin == results[0]->begin + 60s * static_cast<int>(i));
    cut += result.health.clock_stepped;
    const Duration offset = result.end + kThreshold < step_at || result.health.clock_stepped ? here : here + step;
    for (const DirectionResult& direction : result.directions) {
      CAPTURE(to_string(direction.direction));
      TimeRange window{result.begin, result.end};
      // The step ends a session: what was due within the threshold before it is not judged.
      if (result.health.clock_stepped) {
        window.end = std::ranges::max(direction.packets, {}, &PacketRecord::scheduled).scheduled + 1ns;
        CHECK(window.end > step_at - kThreshold - 1s);
      }
      const auto truth = truth_of(world, result, direction.direction, window, offset, there);
      const std::string wrong = difference(result, direction, truth, kThreshold);
      CHECK(wrong == "");
      packets += truth.size();
      lost += direction.counts.lost;
      copies += direction.counts.duplicated;
      reordered += direction.counts.reordered;
    }
  }
  CHECK(cut == 1);
  CHECK(packets > 70'000);
  CHECK(lost > 600);
  CHECK(copies > 300);
  CHECK(reordered > 500);
}
