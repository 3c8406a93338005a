#include "core/setup/engine_answers.h"

#include <catch2/catch.hpp>

using namespace sonde;

namespace {
const std::vector<Prefix> kTwo = {*Prefix::parse("192.0.2.0/24"), *Prefix::parse("2001:db8::/32")};
}

TEST_CASE("without a table nothing is said of the engines") {
  CHECK_FALSE(engines_from(Config{}, EngineKind::light));
  Config empty;
  empty.engine_rules.emplace();
  CHECK(engines_from(empty, EngineKind::light) == "nobody");
}

TEST_CASE("what the two answers make is what they read back, and neither touches the other's rows") {
  Config config;
  allow_engines(config, EngineKind::light, kTwo);
  CHECK(config.engine_rules->size() == 8);
  allow_engines(config, EngineKind::throughput, any_network());
  CHECK(config.engine_rules->size() == 10);
  CHECK(engines_from(config, EngineKind::light) == "networks");
  CHECK(engine_networks(config, EngineKind::light) == kTwo);
  CHECK(engines_from(config, EngineKind::throughput) == "anyone");
  CHECK(engine_networks(config, EngineKind::throughput).empty());
  allow_engines(config, EngineKind::light, {});
  CHECK(engines_from(config, EngineKind::light) == "nobody");
  CHECK(engines_from(config, EngineKind::throughput) == "anyone");
}

TEST_CASE("throughput from outside starts within 60 s and 6 streams") {
  Config config;
  allow_engines(config, EngineKind::throughput, any_network());
  for (const EngineRule& rule : *config.engine_rules) {
    CHECK(rule.seconds == 60);
    CHECK(rule.streams == 6);
    CHECK(rule.sessions == 4);
  }
}

TEST_CASE("a table made by hand says more than an answer can") {
  Config config;
  allow_engines(config, EngineKind::light, kTwo);
  const auto edited = [&](auto edit) {
    Config other = config;
    edit(*other.engine_rules);
    return engines_from(other, EngineKind::light);
  };
  CHECK_FALSE(edited([](auto& rules) { rules[0].packets_per_second = 7; }));
  CHECK_FALSE(edited([](auto& rules) { rules[0].allow = false; }));
  CHECK_FALSE(edited([](auto& rules) { rules.pop_back(); }));
  CHECK_FALSE(edited([](auto& rules) { rules.push_back({"*", *Prefix::parse("10.0.0.0/8"), false}); }));
  CHECK(edited([](auto& rules) { rules.push_back({"throughput", *Prefix::parse("10.0.0.0/8"), true}); }) == "networks");
}
