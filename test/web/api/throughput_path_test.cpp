#include <catch2/catch.hpp>

#include "test/web/api/api_house.h"
#include "web/api/result_json.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

const UtcTime kNow = FakeNode::kNow;
const Metric kRate{"heavy.rate", "throughput", Unit::bits_per_second, MetricKind::gauge, "", ""};

TestSpec heavy(const std::string& id, Duration period = 2h) {
  return {.id = id,
          .probe = "heavy",
          .peer = "oslo",
          .schedule = {.kind = Schedule::Kind::every, .period = period, .spread = 10s}};
}

std::shared_ptr<const Result> filled(UtcTime begin) {
  auto result = std::make_shared<Result>();
  result->test = "h";
  result->probe = "heavy";
  result->begin = begin;
  result->end = begin + 30s;
  result->remote_address = *IpAddress::parse("192.0.2.8");
  result->statistics = {{.metric = &kRate, .direction = Direction::forward, .value = 9.41e8},
                        {.metric = &kRate, .direction = Direction::reverse, .value = 5e8}};
  result->intervals = {{.begin = 0s, .end = 1s, .direction = Direction::forward, .octets = 125}};
  return result;
}

/// The path of which a heavy test is the only one.
Json path_with(ApiHouse& house, std::shared_ptr<const Result> newest) {
  house.node.set_config([](Config& config) { config.tests.push_back(heavy("h")); });
  house.node.set([&](Snapshot& now) { now.latest["h"] = std::move(newest); });
  return house.json(house.as_viewer("GET", "/paths/oslo.v4"));
}

std::string draft(const std::string& period) {
  return R"({"probe":"heavy","peer":"oslo","schedule":{"kind":"every","period":")" + period + R"(","spread":"0 s"}})";
}

}  // namespace

TEST_CASE("a path that only throughput measures says its newest run, and is not judged") {
  ApiHouse house;
  const Json path = path_with(house, filled(kNow - 20min));
  CHECK(path.find("state")->text == "learning");
  CHECK(path.find("sentence")->text ==
        "Geneva ⇄ oslo.example.org: throughput 941 Mbit/s to it, throughput 500 Mbit/s back, 07:40 UTC");
  CHECK(path.find("remote_address")->text == "192.0.2.8");
  CHECK(path.find("updated")->text == format_utc(kNow - 20min + 30s));
  CHECK(path.find("directions")->items.empty());
}

TEST_CASE("whoever may only read sees what measures a path and how, without the list of tests") {
  ApiHouse house;
  path_with(house, filled(kNow - 20min));
  house.node.set_config([](Config& config) {
    config.settings.public_reading = true;
    config.tests.back().options = {{"rate", "5e8"}};
  });
  const Json path = house.json(house.request("GET", "/paths/oslo.v4"));
  REQUIRE(path.find("measurements"));
  REQUIRE(path.find("measurements")->items.size() == 1);
  const Json& one = path.find("measurements")->items.front();
  CHECK(one.find("id")->text == "h");
  CHECK(one.find("probe")->text == "heavy");
  CHECK_FALSE(one.find("sentence")->text.empty());
  CHECK(one.find("schedule")->find("period")->text == "2 h");
  CHECK(one.find("options")->find("rate")->text == "5e8");
  CHECK(house.send(house.request("GET", "/tests")).status == 401);
}

TEST_CASE("an old run and one that did not take place are no data, a failed one is bad") {
  ApiHouse old, skipped, failed;
  CHECK(path_with(old, filled(kNow - 24h)).find("state")->text == "unknown");
  Result result;
  result.test = "h";
  result.begin = result.end = kNow - 20min;
  result.outcome = Outcome::skipped;
  result.sentence = "The slot was held by \"fill Lyon\".";
  const Json path = path_with(skipped, std::make_shared<const Result>(result));
  CHECK(path.find("state")->text == "unknown");
  CHECK(path.find("sentence")->text ==
        "Geneva ⇄ oslo.example.org: last run skipped, 07:40 UTC: The slot was held by \"fill Lyon\".");
  result.outcome = Outcome::failed;
  result.sentence = "The server cannot be reached. Nothing was measured.";
  CHECK(path_with(failed, std::make_shared<const Result>(result)).find("state")->text == "bad");
  failed.node.set_config([](Config& config) { std::erase_if(config.tests, [](auto& t) { return t.id == "t1"; }); });
  CHECK(failed.json(failed.as_viewer("GET", "/paths")).find("sentence")->text ==
        "1 of 1 path is worse than usual; the worst is Geneva ⇄ oslo.example.org: The server cannot be reached. "
        "Nothing was measured.");
}

TEST_CASE("the intervals of a heavy run are in the whole result, not in lists") {
  CHECK(web::result_json(*filled(kNow), web::Detail::brief).find("intervals") == std::string::npos);
  CHECK(web::result_json(*filled(kNow), web::Detail::full).find("\"octets\":125") != std::string::npos);
}

TEST_CASE("the cost of a draft says when the day has no room for it; a changed test counts once") {
  ApiHouse house;
  house.node.set_config([](Config& config) { config.tests.push_back(heavy("h", 60s)); });
  const auto cost = [&](const std::string& target, const std::string& period) {
    return house.json(house.as("victor", "POST", target, draft(period)));
  };
  const Json beside = cost("/tests/cost", "2 min");
  CHECK(beside.find("day_share")->number == Approx(1.0));
  CHECK(beside.find("overfull")->text.find("The day is overfull: 2 heavy tests together need 86400 s") == 0);
  const Json instead = cost("/tests/cost?test=h", "2 min");
  CHECK(instead.find("day_share")->number == Approx(1.0 / 3));
  CHECK(instead.find("overfull")->text.empty());
}
