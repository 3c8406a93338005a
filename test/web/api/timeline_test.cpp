#include <catch2/catch.hpp>

#include "test/web/api/api_house.h"
#include "web/api/timeline_view.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;
using namespace std::chrono_literals;

namespace {

const UtcTime kNow = FakeNode::kNow;

TestSpec heavy(Duration period = 2h) {
  return {.id = "h",
          .title = "fill Lyon",
          .probe = "heavy",
          .peer = "lyon",
          .schedule = {.kind = Schedule::Kind::every, .period = period, .spread = 10min}};
}

Result ended(const std::string& run, UtcTime begin, Outcome outcome, const std::string& sentence) {
  Result result;
  result.id = "result of " + run;
  result.test = "h";
  result.run = run;
  result.probe = "heavy";
  result.begin = begin;
  result.end = begin + 30s;
  result.outcome = outcome;
  result.sentence = sentence;
  result.parameters["planned"] = format_utc(begin - 40s);
  return result;
}

const Json* block(const Json& line, const std::string& name, const std::string& value) {
  for (const Json& each : line.find("blocks")->items)
    if (each.find(name)->text == value) return &each;
  return nullptr;
}

}  // namespace

TEST_CASE("the timeline tells of each run who asked, what came of it, why, and when it was planned") {
  ApiHouse house;
  house.node.set_config([](Config& config) { config.tests.push_back(heavy()); });
  house.node.canned.store(ended("run-1", kNow - 4h, Outcome::done, ""));
  Result asked = ended("run-2", kNow - 3h, Outcome::failed, "The peer does not answer.");
  asked.parameters["requester"] = "web: alice";
  house.node.canned.store(asked);
  house.node.canned.store(
      ended("run-3", kNow - 2h, Outcome::skipped,
            "192.0.2.7 was busy with a test from 198.51.100.4 until 14:03:10 UTC; retried 3 times."));
  const Json line = house.json(house.as_viewer("GET", "/timeline"));
  const Json* done = block(line, "run", "run-1");
  REQUIRE(done);
  CHECK(done->find("lane")->text == "heavy");
  CHECK(done->find("state")->text == "done");
  CHECK(done->find("requester")->text == "schedule");
  CHECK(done->find("planned")->text == format_utc(kNow - 4h - 40s));
  CHECK(done->find("begin")->text == format_utc(kNow - 4h));
  CHECK(block(line, "run", "run-2")->find("requester")->text == "web: alice");
  const Json* skipped = block(line, "run", "run-3");
  CHECK(skipped->find("begin")->kind == Json::Kind::null);
  CHECK(skipped->find("sentence")->text.find("retried 3 times") != std::string::npos);
  // runs of memory are in it too, steps of continuous tests are not
  CHECK(block(line, "run", "r2")->find("state")->text == "running");
  CHECK(block(line, "run", "r1")->find("lane")->text == "light");
}

TEST_CASE("a light run of the schedule was planned for its period's multiple, or nobody knows for when") {
  ApiHouse house;
  TestSpec light = heavy(5min);
  light.id = "l";
  light.probe = "echo";
  light.schedule.spread = 1min;
  house.node.set_config([&](Config& config) { config.tests.push_back(light); });
  const UtcTime due = align_down(kNow - 4h, 5min);
  const auto store = [&](const std::string& run, UtcTime begin, const std::string& requester) {
    Result result = ended(run, begin, Outcome::done, "");
    result.test = "l";
    result.probe = "echo";
    result.parameters.clear();
    if (!requester.empty()) result.parameters["requester"] = requester;
    house.node.canned.store(result);
  };
  store("in time", due + 40s, "");
  store("elsewhere", due + 3min, "");
  store("asked for", due + 5min + 20s, "web: alice");
  const Json line = house.json(house.as_viewer("GET", "/timeline"));
  CHECK(block(line, "run", "in time")->find("planned")->text == format_utc(due));
  CHECK(block(line, "run", "in time")->find("begin")->text == format_utc(due + 40s));
  CHECK(block(line, "run", "elsewhere")->find("planned")->kind == Json::Kind::null);
  CHECK(block(line, "run", "asked for")->find("planned")->kind == Json::Kind::null);
}

TEST_CASE("the next day is what the schedules name, with what a pause will skip") {
  ApiHouse house;
  house.node.set_config([](Config& config) {
    config.tests.push_back(heavy());
    config.pauses = {{"backup", TimeOfDay{0}, TimeOfDay{60}, 0x7f}};
  });
  house.node.set([](Snapshot& now) { now.next_due["h"] = align_down(kNow, 2h) + 2h; });
  const Json line = house.json(house.as_viewer("GET", "/timeline"));
  std::size_t planned = 0, paused = 0;
  for (const Json& each : line.find("blocks")->items) {
    if (each.find("state")->text != "planned" || each.find("test")->text != "h") continue;
    ++planned;
    paused += each.find("sentence")->text.find("nobody measures from 00:00 to 01:00") != std::string::npos;
    CHECK(each.find("expected_end")->kind == Json::Kind::text);
  }
  CHECK(planned == 11);  // the one in 24 h is beyond the range
  CHECK(paused == 1);
  CHECK(line.find("pauses")->items.size() == 2);  // of the day before and of the day to come
}

TEST_CASE("leases are told, own and inbound, held, ended and refused") {
  ApiHouse house;
  house.node.set([](Snapshot& now) {
    now.leases = std::make_shared<const std::vector<Lease>>(std::vector<Lease>{
        {1, LeaseKind::inbound, "198.51.100.4", "", "", kNow - 48h, kNow - 47h, kNow - 47h, "done", ""},
        {2, LeaseKind::inbound, "198.51.100.4", "", "", kNow - 1h, kNow - 59min, kNow - 59min, "done", ""},
        {3, LeaseKind::planned, "schedule", "r2", "to Lyon", kNow, kNow + 40s, {}, "", ""},
        {0, LeaseKind::inbound, "203.0.113.9", "", "", kNow, {}, kNow, "refused", "Refused: busy."}});
  });
  const Json line = house.json(house.as_viewer("GET", "/timeline"));
  const auto& leases = line.find("leases")->items;
  REQUIRE(leases.size() == 3);
  CHECK(leases[0].find("kind")->text == "inbound");
  CHECK(leases[1].find("end")->kind == Json::Kind::null);
  CHECK(leases[2].find("outcome")->text == "refused");
}

TEST_CASE("a timeline is bounded, heavy runs have room first, and what is left out is counted") {
  ApiHouse house;
  house.node.set_config([](Config& config) {
    config.tests = {heavy()};
    for (int i = 0; i < 300; ++i) {
      TestSpec light = heavy(5min);
      light.id = "l" + std::to_string(i);
      light.probe = "echo";
      config.tests.push_back(light);
    }
  });
  house.node.set([](Snapshot& now) {
    for (const TestSpec& spec : now.config->tests)
      now.next_due[spec.id] = align_down(kNow, spec.schedule.period) + spec.schedule.period;
  });
  const auto now = house.node.snapshot();
  const Timeline line = timeline_of(*now, house.node.archive(), house.node.probes(), {kNow - 24h, kNow + 24h});
  std::size_t planned = 0, heavies = 0;
  for (const TimelineBlock& each : line.blocks) {
    planned += each.planned;
    heavies += each.planned && each.run.heavy;
  }
  CHECK(planned == kMostBlocks);
  CHECK(heavies == 11);
  CHECK(line.runs_left_out + planned == 300 * 287 + 11);
  CHECK(line.tests_not_read == 101);
}

TEST_CASE("the node's checks of itself come last where room is short, and can be left out") {
  ApiHouse house;
  house.node.set_config([](Config& config) {
    TestSpec own = heavy(10s), light = heavy(5min);
    own.id = "own";
    own.probe = light.probe = "echo";
    own.self_check = true;
    light.id = "l";
    config.tests = {own, light};
  });
  house.node.set([](Snapshot& now) {
    now.runs = {{.id = "of own", .test = "own", .begin = kNow - 1min}};
    for (const TestSpec& spec : now.config->tests)
      now.next_due[spec.id] = align_down(kNow, spec.schedule.period) + spec.schedule.period;
  });
  const Json all = house.json(house.as_viewer("GET", "/timeline"));
  const auto of = [](const Json& line, const std::string& test) {
    return std::ranges::count_if(line.find("blocks")->items,
                                 [&](const Json& b) { return b.find("test")->text == test; });
  };
  CHECK(of(all, "l") == 287);
  CHECK(of(all, "own") == static_cast<long>(kMostBlocks) - 287 + 1);
  CHECK(all.find("runs_left_out")->number > 0);
  const Json others = house.json(house.as_viewer("GET", "/timeline?self_checks=no"));
  CHECK(of(others, "l") == 287);
  CHECK(of(others, "own") == 0);
  CHECK(others.find("runs_left_out")->number == 0);
}

TEST_CASE("the cost of a heavy test tells its part of the slot's day, and the day with all of them") {
  ApiHouse house;
  house.node.set_config([](Config& config) { config.tests.push_back(heavy()); });
  const Json cost = house.json(house.as_admin(
      "POST", "/tests/cost",
      R"({"probe":"heavy","peer":"lyon","schedule":{"kind":"at","times":["02:00","14:30"],"spread":"10 min"}})"));
  CHECK(cost.find("slot_seconds_per_day")->number == 80);
  CHECK(cost.find("wire_bytes_per_day")->number == Approx(2e6));
  CHECK(cost.find("day_share")->number == Approx((480 + 80) / 86'400.0));
  CHECK(cost.find("sentence")->text.find("80 s a day of the slot for heavy tests; with all of them 0.6 % of the day") !=
        std::string::npos);
  const Json light = house.json(house.as_admin("POST", "/tests/cost", R"({"probe":"echo"})"));
  CHECK(light.find("slot_seconds_per_day")->number == 0);
  CHECK(light.find("sentence")->text.find("slot") == std::string::npos);
}
