#include "core/access/limits.h"

#include <catch2/catch.hpp>

using namespace sonde;
using Source = ConfigStore::Source;

namespace {

IpAddress at(const char* text) { return *IpAddress::parse(text); }
Prefix net(const char* text) { return *Prefix::parse(text); }

EngineRule rule(const char* engine, const char* source, bool allow, std::uint32_t packets = 100) {
  EngineRule out;
  out.engine = engine;
  out.source = net(source);
  out.allow = allow;
  out.packets_per_second = packets;
  return out;
}

constexpr const char* kEngines[] = {"owamp", "twamp", "stamp", "ping", "throughput"};

}  // namespace

TEST_CASE(
    "without any configuration: loopback everything, on-link networks the light engines at 100 packets/s, others "
    "nothing") {
  const Limits limits(Config{}, Source::fresh, {net("198.51.100.0/24"), net("2001:db8:1::/64")});
  for (const char* engine : kEngines) {
    CHECK(limits.lookup(engine, at("127.0.0.1")).allowed);
    CHECK(limits.lookup(engine, at("::1")).allowed);
    CHECK_FALSE(limits.lookup(engine, at("203.0.113.1")).allowed);
    const bool light = std::string_view(engine) != "throughput";
    CHECK(limits.lookup(engine, at("198.51.100.7")).allowed == light);
    CHECK(limits.lookup(engine, at("2001:db8:1::7")).allowed == light);
    if (light) CHECK(limits.lookup(engine, at("198.51.100.7")).packets_per_second == 100);
  }
}

TEST_CASE("set up without a table, or a broken file without a last good one: loopback only") {
  Config config;
  config.set_up = true;
  for (const auto& limits : {Limits(config, Source::file, {net("198.51.100.0/24")}),
                             Limits(Config{}, Source::none, {net("198.51.100.0/24")}), Limits()}) {
    CHECK(limits.state() == Limits::State::absent);
    for (const char* engine : kEngines) {
      CHECK(limits.lookup(engine, at("127.0.0.1")).allowed);
      CHECK_FALSE(limits.lookup(engine, at("198.51.100.7")).allowed);
    }
  }
}

TEST_CASE("a table decides alone, broken file or not: the last good one runs") {
  Config config;
  config.set_up = true;
  config.engine_rules = {rule("owamp", "192.0.2.0/24", true)};
  for (const Source source : {Source::file, Source::last_good}) {
    const Limits limits(config, source, {net("198.51.100.0/24")});
    CHECK(limits.state() == Limits::State::configured);
    CHECK(limits.lookup("owamp", at("192.0.2.7")).allowed);
    CHECK_FALSE(limits.lookup("ping", at("192.0.2.7")).allowed);
    CHECK_FALSE(limits.lookup("owamp", at("198.51.100.7")).allowed);
    CHECK(limits.lookup("owamp", at("198.51.100.7")).why.find("no row") != std::string::npos);
  }
}

TEST_CASE("the longest prefix decides, of equal ones the row that names the engine, in any order of rows") {
  Config config;
  config.set_up = true;
  std::vector<EngineRule> rules = {rule("*", "0.0.0.0/0", true, 1),        rule("*", "192.0.2.0/24", false),
                                   rule("owamp", "192.0.2.0/24", true, 2), rule("*", "192.0.2.128/25", true, 3),
                                   rule("owamp", "192.0.2.200/32", false), rule("*", "127.0.0.0/8", false)};
  for (int turn = 0; turn < 2; ++turn) {
    config.engine_rules = rules;
    const Limits limits(config, Source::file, {});
    CHECK(limits.lookup("ping", at("203.0.113.1")).packets_per_second == 1);
    CHECK_FALSE(limits.lookup("ping", at("192.0.2.7")).allowed);
    CHECK(limits.lookup("owamp", at("192.0.2.7")).packets_per_second == 2);
    CHECK(limits.lookup("owamp", at("192.0.2.129")).packets_per_second == 3);
    CHECK_FALSE(limits.lookup("owamp", at("192.0.2.200")).allowed);
    CHECK_FALSE(limits.lookup("owamp", at("127.0.0.1")).allowed);
    CHECK_FALSE(limits.lookup("owamp", at("2001:db8::1")).allowed);
    CHECK(limits.lookup("owamp", at("::1")).allowed);
    std::ranges::reverse(rules);
  }
}

TEST_CASE("own networks are taken from interfaces that are up, without host bits and without loopback") {
  InterfaceState lo, eth, down;
  lo.up = lo.loopback = eth.up = true;
  lo.addresses = {{at("127.0.0.1"), 8}};
  eth.addresses = {{at("198.51.100.9"), 24}, {at("2001:db8:1::9"), 64}, {at("198.51.100.10"), 24}};
  down.addresses = {{at("192.0.2.9"), 24}};
  CHECK(on_link_networks({lo, eth, down}) == std::vector<Prefix>{net("198.51.100.0/24"), net("2001:db8:1::/64")});
}
