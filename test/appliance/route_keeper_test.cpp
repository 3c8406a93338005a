#include "appliance/route_keeper.h"

#include <catch2/catch.hpp>

#include "test/support/memory_archive.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kStart = utc_from_seconds(1'800'000'000);

TracedRoute route(const std::vector<std::vector<std::string>>& hops, bool reached = true) {
  TracedRoute made{.target = IpAddress::parse("192.0.2.1").value(), .icmp = false, .reached_at = 0, .hops = {}};
  for (const auto& addresses : hops) {
    RouteHop hop;
    for (const std::string& text : addresses) {
      RouteAnswer answer;
      answer.address = IpAddress::parse(text).value();
      hop.answers.push_back(answer);
    }
    if (addresses.empty()) hop.silent = 3;
    made.hops.push_back(hop);
  }
  if (reached) made.reached_at = static_cast<int>(hops.size());
  return made;
}

struct House {
  MemoryArchive archive;
  std::unique_ptr<Random> random = seeded_random(3);
  std::optional<RouteKeeper> keeper{std::in_place, archive};
  UtcTime now = kStart;

  Result run(TracedRoute seen) {
    Result result;
    result.test = "t";
    result.begin = now;
    result.end = now + 1s;
    result.route = std::move(seen);
    keeper->take(result, "lyon.example.org", *random);
    archive.store(result);
    now += 10min;
    return result;
  }
  std::vector<Event> events() const {
    auto all = archive.events({UtcTime{}, UtcTime::max()}, "t", 100);
    std::ranges::reverse(all);
    return all;
  }
  void restart() {
    Config config;
    config.tests.emplace_back().id = "t";
    keeper.emplace(archive);
    keeper->follow(config);
  }
};

const TracedRoute kOne = route({{"10.0.0.1"}, {"10.0.0.2"}, {"192.0.2.1"}});
const TracedRoute kOther = route({{"10.0.0.1"}, {"10.0.0.9"}, {"10.0.0.3"}, {"192.0.2.1"}});

}  // namespace

TEST_CASE("a route is stored once, and runs that see it again keep only their numbers") {
  House house;
  CHECK(house.run(kOne).route == kOne);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(house.run(kOne).route);
  REQUIRE(house.events().size() == 1);
  CHECK(house.events()[0].kind == "route");
  CHECK(house.events()[0].time == kStart);
  CHECK(house.events()[0].sentence == "The route to lyon.example.org as first seen: 3 hops.");
}

TEST_CASE("a change is an event with both routes and the time the old one was last seen") {
  House house;
  house.run(kOne);
  house.run(kOne);
  CHECK(house.run(kOther).route);
  const auto events = house.events();
  REQUIRE(events.size() == 2);
  CHECK(events[1].kind == "route_change");
  CHECK(events[1].routes == RouteChange{kOne, kOther, kStart + 10min});
  CHECK(events[1].sentence ==
        "The route to lyon.example.org changed at hop 2: 10.0.0.2 → 10.0.0.9; 3 hops before, 4 hops now.");
  house.run(kOne);
  CHECK(house.events().size() == 3);
}

TEST_CASE("routers that join a balanced hop are told once and are no change") {
  House house;
  house.run(kOne);
  const TracedRoute balanced = route({{"10.0.0.1"}, {"10.0.0.2", "10.0.0.7"}, {"192.0.2.1"}});
  CHECK(house.run(balanced).route);
  CHECK_FALSE(house.run(balanced).route);
  CHECK_FALSE(house.run(route({{"10.0.0.1"}, {"10.0.0.7"}, {"192.0.2.1"}})).route);
  const auto events = house.events();
  REQUIRE(events.size() == 2);
  CHECK(events[1].kind == "route_more");
  CHECK(events[1].sentence.find("10.0.0.7 answers at hop 2 beside") != std::string::npos);
}

TEST_CASE("a restarted node knows its routes, with what joined them") {
  House house;
  house.run(kOne);
  house.run(route({{"10.0.0.1"}, {"10.0.0.2", "10.0.0.7"}, {"192.0.2.1"}}));
  house.restart();
  CHECK_FALSE(house.run(route({{"10.0.0.1"}, {"10.0.0.7"}, {"192.0.2.1"}})).route);
  CHECK(house.events().size() == 2);
  house.restart();
  house.run(kOther);
  CHECK(house.events().back().kind == "route_change");
  CHECK(house.events().back().routes->before_seen == kStart + 20min);
}

TEST_CASE("another target or protocol begins anew, without a change") {
  House house;
  house.run(kOne);
  TracedRoute icmp = kOther;
  icmp.icmp = true;
  house.run(icmp);
  CHECK(house.events().back().kind == "route");
}

TEST_CASE("a run without a route changes nothing, and a deleted test is forgotten") {
  House house;
  house.run(kOne);
  Result failed;
  failed.test = "t";
  failed.outcome = Outcome::failed;
  house.keeper->take(failed, "lyon.example.org", *house.random);
  CHECK(house.events().size() == 1);
  house.keeper->follow(Config{});
  house.run(kOther);
  CHECK(house.events().back().kind == "route");
}
