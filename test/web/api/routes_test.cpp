#include <catch2/catch.hpp>

#include "test/support/json_schema.h"
#include "test/web/api/api_house.h"
#include "web/api/openapi.h"
#include "web/api/result_json.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

TracedRoute route(const std::vector<std::string>& hops) {
  TracedRoute made{.target = IpAddress::parse("192.0.2.7").value(), .icmp = true, .reached_at = 0, .hops = {}};
  for (const std::string& text : hops) {
    RouteAnswer answer{IpAddress::parse(text).value(), 3ms, 1, 11, 0};
    made.hops.push_back({{answer}, 2});
  }
  made.reached_at = static_cast<int>(hops.size());
  return made;
}

void event(ApiHouse& house, UtcTime time, const std::string& kind, RouteChange change) {
  house.node.canned.store_event({"", time, kind, "t1", kind + " sentence", std::move(change)});
}

const TracedRoute kOld = route({"10.0.0.1", "192.0.2.7"}), kNew = route({"10.0.0.2", "192.0.2.7"}),
                  kMore = route({"10.0.0.2", "10.0.0.3", "192.0.2.7"});

}  // namespace

TEST_CASE("routes are told with the time in which each was the route and was last seen") {
  ApiHouse house;
  const UtcTime now = FakeNode::kNow;
  event(house, now - 72h, "route", {{}, kOld, {}});
  event(house, now - 2h, "route_change", {kOld, kNew, now - 3h});
  event(house, now - 1h, "route_more", {{}, kMore, {}});
  Json body = house.json(house.as_viewer("GET", "/tests/t1/routes"));
  const auto& items = body.find("items")->items;
  REQUIRE(items.size() == 2);
  CHECK(items[0].find("since")->text == format_utc(now - 72h));
  CHECK(items[0].find("until")->text == format_utc(now - 2h));
  CHECK(items[0].find("last_seen")->text == format_utc(now - 3h));
  CHECK(items[1].find("until")->kind == Json::Kind::null);
  CHECK(items[1].find("sentence")->text == "route_change sentence");
  const auto& hops = items[1].find("route")->find("hops")->items;
  REQUIRE(hops.size() == 3);
  CHECK(hops[1].find("routers")->items.at(0).find("address")->text == "10.0.0.3");
  CHECK(hops[1].find("silent")->number == 2);
}

TEST_CASE("a route that ended before the range is left out, and one that began before it is not") {
  ApiHouse house;
  const UtcTime now = FakeNode::kNow;
  event(house, now - 72h, "route", {{}, kOld, {}});
  event(house, now - 48h, "route_change", {kOld, kNew, now - 49h});
  const Json body = house.json(house.as_viewer("GET", "/tests/t1/routes"));
  REQUIRE(body.find("items")->items.size() == 1);
  CHECK(body.find("items")->items[0].find("since")->text == format_utc(now - 48h));
}

TEST_CASE("routes of no test, and with an unknown word, are refused") {
  ApiHouse house;
  CHECK(house.send(house.as_viewer("GET", "/tests/nothing/routes")).status == 404);
  CHECK(house.send(house.as_viewer("GET", "/tests/t1/routes?names=yes")).status == 422);
}

TEST_CASE("a Result with a route is as the description says") {
  auto description = parse_json(web::openapi_text());
  REQUIRE(description.value);
  Result result = sample_result("01RESULT0000000000000000B1", "t1");
  result.route = kMore;
  auto body = parse_json(web::result_json(result, web::Detail::full));
  REQUIRE(body.value);
  const Json* schema = description.value->find("components")->find("schemas")->find("Result");
  CHECK(complaints(*schema, *body.value, *description.value).empty());
  CHECK(body.value->find("route")->find("protocol")->text == "icmp");
}
