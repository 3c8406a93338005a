// Routes as real kernels forward: near -- r1 -- r2 or r3 -- far, each a namespace of its own.
#include <catch2/catch.hpp>
#include <cstdio>
#include <stop_token>

#include "appliance/route_keeper.h"
#include "core/base/linux_clock.h"
#include "core/net/linux_network.h"
#include "core/run/packet_loop.h"
#include "probes/trace/session.h"
#include "test/support/memory_archive.h"
#include "test/support/namespaces.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

void write_setting(const char* path, const char* value) {
  std::FILE* const file = std::fopen(path, "w");
  REQUIRE(file);
  std::fputs(value, file);
  REQUIRE(std::fclose(file) == 0);
}

/// Settings are the namespace's own: forward, spread flows by their ports, and complain as often as there is reason to.
void make_router() {
  write_setting("/proc/sys/net/ipv4/ip_forward", "1");
  write_setting("/proc/sys/net/ipv6/conf/all/forwarding", "1");
  write_setting("/proc/sys/net/ipv4/fib_multipath_hash_policy", "1");
  write_setting("/proc/sys/net/ipv6/fib_multipath_hash_policy", "1");
  write_setting("/proc/sys/net/ipv4/icmp_ratelimit", "0");
  write_setting("/proc/sys/net/ipv6/icmp/ratelimit", "0");
  write_setting("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
}

struct Routers {
  NetworkNamespace near{"near"}, r1{"r1"}, r2{"r2"}, r3{"r3"}, far{"far"};

  Routers() {
    // While its link-local address is still tentative, a router cannot ask for its neighbours.
    const auto hurry = [] { write_setting("/proc/sys/net/ipv6/conf/default/accept_dad", "0"); };
    for (const NetworkNamespace* one : {&near, &r1, &r2, &r3, &far}) one->run(hurry);
    for (const NetworkNamespace* one : {&r1, &r2, &r3, &far}) one->run(make_router);
    join(near, r1, "1");
    join(r1, r2, "2");
    join(r1, r3, "3");
    join(r2, far, "4");
    join(r3, far, "5");
    far.ip({"addr", "add", "10.97.9.1/32", "dev", "lo"});
    far.ip({"addr", "add", "fd97:9::1/128", "dev", "lo", "nodad"});
    near.ip({"route", "add", "default", "via", "10.97.1.2"});
    near.ip({"-6", "route", "add", "default", "via", "fd97:1::2"});
    route(r1, "2.2");
    route(r2, "4.2");
    route(r3, "5.2");
    back(r2, "2.1");
    back(r3, "3.1");
    back(far, "4.1");
    for (const char* way : {"3.2", "2.2"}) wait_for(way);
  }
  /// New links carry nothing for up to some seconds; both ways are to be ready before anything is compared.
  void wait_for(const std::string& way) const {
    route(r1, way);
    for (const Family family : {Family::v4, Family::v6})
      for (int tries = 0; tries < 30; ++tries) {
        const Result result = trace(family, false, "ready");
        if (result.route && result.route->reached_at == 3) break;
      }
  }
  /// A link whose network is 10.97.N.0/24 and fd97:N::/64; `a` is .1 of it.
  static void join(const NetworkNamespace& a, const NetworkNamespace& b, const std::string& n) {
    const std::string dev_a = "to" + n, dev_b = "from" + n;
    a.ip({"link", "add", dev_a, "type", "veth", "peer", "name", dev_b, "netns", b.name()});
    a.ip({"addr", "add", "10.97." + n + ".1/24", "dev", dev_a});
    b.ip({"addr", "add", "10.97." + n + ".2/24", "dev", dev_b});
    a.ip({"addr", "add", "fd97:" + n + "::1/64", "dev", dev_a, "nodad"});
    b.ip({"addr", "add", "fd97:" + n + "::2/64", "dev", dev_b, "nodad"});
    a.ip({"link", "set", dev_a, "up"});
    b.ip({"link", "set", dev_b, "up"});
  }
  /// "2.2" is 10.97.2.2 and fd97:2::2.
  static std::string v4(const std::string& hop) { return "10.97." + hop; }
  static std::string v6(const std::string& hop) { return "fd97:" + hop.substr(0, 1) + "::" + hop.substr(2); }
  static void route(const NetworkNamespace& at, const std::string& via) {
    at.ip({"route", "replace", "10.97.9.1/32", "via", v4(via)});
    at.ip({"-6", "route", "replace", "fd97:9::1/128", "via", v6(via)});
  }
  static void back(const NetworkNamespace& at, const std::string& via) {
    at.ip({"route", "replace", "10.97.1.0/24", "via", v4(via)});
    at.ip({"-6", "route", "replace", "fd97:1::/64", "via", v6(via)});
  }
  /// r1 spreads flows over r2 and r3.
  void balance() const {
    r1.ip({"route", "replace", "10.97.9.1/32", "nexthop", "via", v4("2.2"), "nexthop", "via", v4("3.2")});
    r1.ip({"-6", "route", "replace", "fd97:9::1/128", "nexthop", "via", v6("2.2"), "nexthop", "via", v6("3.2")});
  }
  /// r2 forwards, but has no way back to whom it would complain to.
  void silence_r2() const {
    back(far, "5.1");
    r2.ip({"route", "del", "10.97.1.0/24"});
    r2.ip({"-6", "route", "del", "fd97:1::/64"});
  }

  Result trace(Family family, bool icmp, const std::string& test) const {
    std::optional<Result> found;
    near.run([&] {
      LinuxClock clock;
      LinuxNetwork network(clock);
      const auto random = system_random();
      PacketLoop loop(clock, network, Log{});
      std::stop_source stop;
      ProbeContext context{clock, network, *random, Log{}};
      context.report = [&](Result result) {
        found = std::move(result);
        stop.request_stop();
      };
      RunOrder order;
      order.spec.id = test;
      order.spec.family = family;
      order.target = IpAddress::parse(family == Family::v4 ? v4("9.1") : v6("9.1")).value();
      loop.start(std::make_unique<trace::TraceSession>(order, trace::Plan{.icmp = icmp, .wait = 1s}, context));
      loop.run(stop.get_token());
    });
    REQUIRE(found);
    found->test = test;
    return *found;
  }
};

using Texts = std::vector<std::string>;

Texts texts(const Result& result) {
  Texts all;
  if (result.route)
    for (const RouteHop& hop : result.route->hops) all.push_back(text_of(hop));
  return all;
}

Texts expected(Family family, Texts hops) {
  for (std::string& hop : hops)
    if (hop != "nobody") hop = family == Family::v4 ? Routers::v4(hop) : Routers::v6(hop);
  return hops;
}

bool cannot() {
  const auto why = why_no_namespaces();
  if (why) WARN(*why);
  return why.has_value();
}

std::vector<std::string> kinds(const MemoryArchive& archive) {
  std::vector<std::string> all;
  for (const Event& event : archive.events({UtcTime{}, UtcTime::max()}, "", 1000)) all.push_back(event.kind);
  return {all.rbegin(), all.rend()};
}

}  // namespace

TEST_CASE("the route through real routers is found with UDP and ICMP, over IPv4 and IPv6") {
  if (cannot()) return;
  const Routers routers;
  for (const Family family : {Family::v4, Family::v6})
    for (const bool icmp : {false, true}) {
      INFO(to_string(family) << (icmp ? " ICMP" : " UDP"));
      const Result result = routers.trace(family, icmp, "plain");
      CHECK(result.outcome == Outcome::done);
      CHECK(texts(result) == expected(family, {"1.2", "2.2", "9.1"}));
      REQUIRE(result.route);
      CHECK(result.route->reached_at == 3);
      for (const RouteHop& hop : result.route->hops) CHECK(hop.answers.size() == 3);
      CHECK(result.stamp != StampSource::none);
    }
}

TEST_CASE("a changed route is one event with both routes, and the same route is none") {
  if (cannot()) return;
  const Routers routers;
  const Family family = GENERATE(Family::v4, Family::v6);
  const bool icmp = GENERATE(false, true);
  MemoryArchive archive;
  RouteKeeper keeper(archive);
  const auto random = seeded_random(1);
  const auto run = [&] {
    Result result = routers.trace(family, icmp, "change");
    keeper.take(result, "far", *random);
    return result;
  };
  CHECK(run().route);
  CHECK_FALSE(run().route);
  Routers::route(routers.r1, "3.2");
  CHECK(texts(run()) == expected(family, {"1.2", "3.2", "9.1"}));
  CHECK_FALSE(run().route);
  CHECK(kinds(archive) == Texts{"route", "route_change"});
  const Event change = archive.events({UtcTime{}, UtcTime::max()}, "change", 1).at(0);
  REQUIRE(change.routes);
  REQUIRE(change.routes->before);
  CHECK(first_difference(*change.routes->before, change.routes->after) == 2);
  const Texts hops = expected(family, {"2.2", "3.2"});
  CHECK(change.sentence ==
        "The route to far changed at hop 2: " + hops[0] + " → " + hops[1] + "; 3 hops before, 3 hops now.");
}

TEST_CASE("an ECMP pair shows both routers, the same ones for each run, and is no change") {
  if (cannot()) return;
  const Routers routers;
  routers.balance();
  for (const Family family : {Family::v4, Family::v6}) {
    INFO(to_string(family));
    // Which way a flow goes is the kernel's choice: a test whose three flows go both ways is found soon.
    const Texts both = expected(family, {"2.2", "3.2"});
    std::string test;
    for (int i = 0; i < 30 && test.empty(); ++i) {
      const Result result = routers.trace(family, false, "balanced-" + std::to_string(i));
      if (texts(result).at(1) == both[0] + " or " + both[1]) test = result.test;
    }
    REQUIRE_FALSE(test.empty());
    MemoryArchive archive;
    RouteKeeper keeper(archive);
    const auto random = seeded_random(1);
    for (int i = 0; i < 6; ++i) {
      Result result = routers.trace(family, false, test);
      CHECK(texts(result).at(1) == both[0] + " or " + both[1]);
      CHECK(texts(result).size() == 3);
      keeper.take(result, "far", *random);
    }
    CHECK(kinds(archive) == Texts{"route"});
    // The pair turns into one of both: still the same route. Then r1 sends everything another way: a change.
    Routers::route(routers.r1, "2.2");
    Result alone = routers.trace(family, false, test);
    keeper.take(alone, "far", *random);
    CHECK(kinds(archive) == Texts{"route"});
    routers.balance();
  }
}

TEST_CASE("a router that forwards and never answers is a silent hop, and no change either") {
  if (cannot()) return;
  const Routers routers;
  for (const Family family : {Family::v4, Family::v6}) {
    MemoryArchive archive;
    RouteKeeper keeper(archive);
    const auto random = seeded_random(1);
    Result seen = routers.trace(family, false, "silent");
    keeper.take(seen, "far", *random);
    routers.silence_r2();
    for (const bool icmp : {false, true}) {
      INFO(to_string(family) << (icmp ? " ICMP" : " UDP"));
      const Result result = routers.trace(family, icmp, "silent");
      CHECK(texts(result) == expected(family, {"1.2", "nobody", "9.1"}));
      REQUIRE(result.route);
      CHECK(result.route->hops[1].silent == 3);
      CHECK(result.route->reached_at == 3);
    }
    Result silent = routers.trace(family, false, "silent");
    keeper.take(silent, "far", *random);
    CHECK(kinds(archive) == Texts{"route"});
    Routers::back(routers.far, "4.1");
    Routers::back(routers.r2, "2.1");
  }
}
