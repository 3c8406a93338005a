// Whole runs in a simulated world: what a run tells of the way, hop by hop.
#include "probes/trace/session.h"

#include <catch2/catch.hpp>
#include <set>

#include "test/support/simulated_world.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::trace;
using namespace std::chrono_literals;

namespace {

struct Stage {
  explicit Stage(LinkOptions there, Family wanted = Family::v4) : family(wanted) {
    world.link(a, b, there, {.delay = there.delay});
  }
  Result run(Plan plan) {
    std::optional<Result> found;
    ProbeContext context{a.clock(), network, *random, world.log("trace")};
    context.report = [&](Result result) { found = std::move(result); };
    RunOrder order;
    order.spec.id = "trace-b";
    order.target = IpAddress::parse(family == Family::v4 ? "10.0.0.2" : "fd00::2").value();
    order.target_name = "host b";
    if (plan.wait == Duration::zero()) plan.wait = 1s;
    loop.start(std::make_unique<TraceSession>(order, plan, context));
    REQUIRE(world.run_until([&] { return found.has_value(); }, 10min));
    return *found;
  }

  Family family;
  SimulatedWorld world;
  SimulatedHost& a = world.host("a", {"10.0.0.1", "fd00::1"});
  SimulatedHost& b = world.host("b", {"10.0.0.2", "fd00::2"});
  Network& network = a.make_network();
  std::unique_ptr<Random> random = seeded_random(7);
  PacketLoop loop{a.clock(), network, world.log("loop")};
  bool added = [this] {
    a.add(loop);
    return true;
  }();
};

std::vector<std::string> texts(const Result& result) {
  std::vector<std::string> all;
  for (const RouteHop& hop : result.route.value().hops) all.push_back(text_of(hop));
  return all;
}

double value(const Result& result, std::string_view key) {
  for (const Statistic& s : result.statistics)
    if (s.metric->key == key) return s.value.value_or(-1);
  return -2;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("every router and the target are found, with UDP and with ICMP, over IPv4 and IPv6") {
  const bool icmp = GENERATE(false, true);
  const Family family = GENERATE(Family::v4, Family::v6);
  const bool v4 = family == Family::v4;
  const Texts routers = v4 ? Texts{"10.1.0.1", "10.1.0.2"} : Texts{"fd01::1", "fd01::2"};
  Stage stage({.delay = 6ms, .routers = routers}, family);
  const Result result = stage.run({.icmp = icmp});
  CHECK(result.outcome == Outcome::done);
  CHECK(result.sentence.empty());
  CHECK(texts(result) == Texts{routers[0], routers[1], v4 ? "10.0.0.2" : "fd00::2"});
  CHECK(result.route->reached_at == 3);
  for (const RouteHop& hop : result.route->hops) {
    CHECK(hop.answers.size() == 3);
    CHECK(hop.silent == 0);
  }
  CHECK(value(result, "trace.hops") == 3);
  CHECK(value(result, "trace.reached") == 1);
  CHECK(value(result, "trace.round_trip") == Approx(0.012).margin(1e-6));
  CHECK(result.route->hops[0].answers[0].round_trip == 4ms);
}

TEST_CASE("no probe goes beyond the target and each hop gets three") {
  Stage stage({.delay = 1ms, .routers = {"10.1.0.1", "10.1.0.2"}});
  stage.run({});
  std::size_t sent = 0;
  for (const Truth& truth : stage.world.truth()) sent += truth.from.address == IpAddress::parse("10.0.0.1").value();
  CHECK(sent == 9);
}

TEST_CASE("the flows of a test are the same at each run, and a balancer shows the same routers") {
  const bool icmp = GENERATE(false, true);
  Stage stage({.delay = 1ms, .routers = {"10.1.0.1", "10.1.1.1|10.1.1.2|10.1.1.3", "10.1.2.1"}});
  const Result first = stage.run({.icmp = icmp});
  const auto flows = [&] {
    std::set<std::string> all;
    for (const Truth& truth : stage.world.truth())
      if (truth.from.address == IpAddress::parse("10.0.0.1").value())
        all.insert(icmp ? to_hex(std::span(truth.head).subspan(2, 2))
                        : std::to_string(truth.from.port) + "-" + std::to_string(truth.to.port));
    return all;
  };
  CHECK(flows().size() == 3);
  for (int i = 0; i < 5; ++i) {
    const Result again = stage.run({.icmp = icmp});
    CHECK(texts(again) == texts(first));
    for (std::size_t k = 0; k < 3; ++k)
      CHECK(again.route->hops[1].answers[k].address == first.route->hops[1].answers[k].address);
  }
  CHECK(flows().size() == 3);
  if (!icmp) CHECK(first.route->hops[1].addresses().size() == 3);
}

TEST_CASE("a silent router is a hop without a name, not an end") {
  Stage stage({.delay = 2ms, .routers = {"10.1.0.1", "-", "10.1.0.3"}});
  const Result result = stage.run({});
  CHECK(texts(result) == Texts{"10.1.0.1", "nobody", "10.1.0.3", "10.0.0.2"});
  CHECK(result.route->hops[1].silent == 3);
  CHECK(result.route->reached_at == 4);
}

TEST_CASE("eight silent hops end the run, and the last router that answered is told") {
  Stage stage({.delay = 2ms, .routers = {"10.1.0.1", "10.1.0.2", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"}});
  const Result result = stage.run({});
  CHECK(result.outcome == Outcome::done);
  CHECK(texts(result) == Texts{"10.1.0.1", "10.1.0.2"});
  CHECK(result.route->reached_at == 0);
  CHECK(value(result, "trace.reached") == 0);
  CHECK(value(result, "trace.hops") == -1);
  CHECK(result.sentence.find("10.1.0.2 at hop 2") != std::string::npos);
}

TEST_CASE("nobody who answers is a failed run with a reason") {
  Stage stage({.delay = 2ms, .down = true});
  const Result result = stage.run({});
  CHECK(result.outcome == Outcome::failed);
  CHECK_FALSE(result.route);
  CHECK(result.sentence.find("Nobody on the way to host b answered") != std::string::npos);
}

TEST_CASE("the way is not told longer when the first three probes that reach the target are lost") {
  // The probes to hop limit 2, the target's, are numbers 3 to 5 on the way.
  LinkOptions link{.delay = 2ms, .routers = {"10.1.0.1"}};
  link.lose_when = [](std::uint64_t number, std::span<const std::byte>) { return number >= 3 && number < 6; };
  Stage stage(link);
  const Result result = stage.run({});
  CHECK(texts(result) == Texts{"10.1.0.1", "10.0.0.2"});
  CHECK(result.route->reached_at == 2);
  CHECK(value(result, "trace.reached") == 1);
}

TEST_CASE("an answer that comes after its time is still told") {
  Stage stage({.delay = 700ms, .routers = {"10.1.0.1", "10.1.0.2", "10.1.0.3"}});
  const Result result = stage.run({.wait = 500ms});
  CHECK(texts(result) == Texts{"10.1.0.1", "10.1.0.2", "10.1.0.3", "10.0.0.2"});
  CHECK(result.route->hops[2].answers.size() == 3);
  CHECK(result.route->hops[2].answers[0].round_trip == 1050ms);
}

TEST_CASE("no more than the hops that are allowed are asked") {
  Stage stage({.delay = 1ms, .routers = {"10.1.0.1", "10.1.0.2", "10.1.0.3"}});
  const Result result = stage.run({.most_hops = 2});
  CHECK(texts(result) == Texts{"10.1.0.1", "10.1.0.2"});
  CHECK(result.route->reached_at == 0);
}

TEST_CASE("a clock step ends the run without a route") {
  Stage stage({.delay = 300ms, .routers = {"10.1.0.1", "10.1.0.2"}});
  stage.world.at(stage.world.now() + 500ms, [&] { stage.a.clock().step(1s); });
  const Result result = stage.run({});
  CHECK(result.outcome == Outcome::failed);
  CHECK_FALSE(result.route);
  CHECK(result.health.clock_stepped);
}
