#include "core/config/rules.h"

#include <catch2/catch.hpp>

#include "core/config/text_rules.h"
#include "test/support/fake_probes.h"

using namespace sonde;
using namespace sonde::test;

namespace {
Config sample() {
  Config config;
  config.peers = {{"p", "", "192.0.2.7"}, {"q", "", "192.0.2.8"}};
  TestSpec spec;
  spec.id = "t";
  spec.probe = "echo";
  spec.peer = "p";
  spec.schedule = {.kind = Schedule::Kind::continuous, .period = std::chrono::minutes(1)};
  config.tests = {spec};
  return config;
}
}  // namespace

TEST_CASE("the sample keeps every rule, and a broken one is told with section, index and field") {
  Config config = sample();
  CHECK_FALSE(check(config, fake_probes()));
  config.tests.push_back(config.tests[0]);
  config.tests[1].id = "u";
  config.tests[1].options["count"] = "1001";
  const auto problem = check(config, fake_probes());
  REQUIRE(problem);
  CHECK(problem->section == "tests");
  CHECK(problem->index == 1);
  CHECK(problem->field == "options.count");
}

TEST_CASE("a banner is one line of at most 200 characters") {
  Config config = sample();
  config.settings.banner = "test system";
  CHECK_FALSE(check(config, fake_probes()));
  for (const std::string& bad : {std::string(201, 'x'), std::string("two\nlines")}) {
    config.settings.banner = bad;
    const auto problem = check(config, fake_probes());
    REQUIRE(problem);
    CHECK(problem->field == "banner");
  }
}

TEST_CASE("host names are letters, digits, hyphens and dots; a mistyped address is not one") {
  for (const char* good : {"a", "gva-2.example.org", "gva.example.org.", "_sonde._tcp.example.org",
                           "xn--bcher-kva.example", "192.0.2.7", "2001:db8::7", "3com.com"})
    CHECK(check_host("address", good).empty());
  for (const char* bad : {"", ".", "a..b", "-a", "a-", "a b", " a", "a ", "a\n", "192.0.2.300", "192.0.2", "1", "a/b",
                          "a:80", "[::1]", "http://a",
                          "b\xc3\xbc"
                          "cher.example",
                          "a_b.1"})
    CHECK_FALSE(check_host("address", bad).empty());
  CHECK_FALSE(check_host("address", std::string(64, 'a') + ".org").empty());
  std::string longest = "a";
  while (longest.size() < 254) longest += ".a";
  CHECK_FALSE(check_host("address", longest).empty());
}

TEST_CASE("a refusal shows the value cut and without control characters") {
  CHECK(refusal("name", "a\x1b[2J", "x") == "name \"a?[2J\": allowed is x.");
  CHECK(refusal("name", std::string(1000, 'y'), "x").size() < 120);
  CHECK(refusal("schedule.period", "0 s", "x").starts_with("period "));
}

TEST_CASE("what changes the identity of a test begins a new revision") {
  const Config running = sample();
  const auto revision_after = [&](auto edit) {
    Config next = running;
    edit(next);
    carry_revisions(running, next, fake_probes());
    return next.tests[0].revision;
  };
  CHECK(revision_after([](Config&) {}) == 1);
  CHECK(revision_after([](Config& c) { c.tests[0].title = "other"; }) == 1);
  CHECK(revision_after([](Config& c) { c.tests[0].paused = true; }) == 1);
  CHECK(revision_after([](Config& c) { c.tests[0].options["count"] = "11"; }) == 1);
  CHECK(revision_after([](Config& c) { c.tests[0].options["loss_threshold"] = "10 s"; }) == 1);
  CHECK(revision_after([](Config& c) { c.tests[0].options["loss_threshold"] = "2 s"; }) == 2);
  CHECK(revision_after([](Config& c) { c.tests[0].schedule.period = std::chrono::seconds(10); }) == 2);
  CHECK(revision_after([](Config& c) { c.tests[0].type_p.dscp = 46; }) == 2);
  CHECK(revision_after([](Config& c) { c.tests[0].type_p.payload_octets = 100; }) == 2);
  CHECK(revision_after([](Config& c) { c.tests[0].source = "192.0.2.1"; }) == 2);
  CHECK(revision_after([](Config& c) { c.tests[0].peer = "q"; }) == 2);
  CHECK(revision_after([](Config& c) { c.peers[0].address = "192.0.2.9"; }) == 2);
  CHECK(revision_after([](Config& c) { c.peers[0].name = "other"; }) == 1);
  CHECK(revision_after([](Config& c) { c.tests[0].revision = 9; }) == 9);
  CHECK(revision_after([](Config& c) { c.tests[0].revision = 0; }) == 1);
}
