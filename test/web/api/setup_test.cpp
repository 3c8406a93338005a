#include <catch2/catch.hpp>
#include <thread>

#include "test/support/json_schema.h"
#include "test/web/api/api_house.h"
#include "web/api/openapi.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;

namespace {

const std::string kWish =
    R"({"site":{"name":"gva.example.org","organisation":"","place":"Geneva","latitude":null,"longitude":null,)"
    R"("contact":""},"user":"root","password":"ten characters","light_tests":{"from":"networks","networks":)"
    R"(["192.0.2.0/24"]},"throughput":{"from":"nobody"},"first_tests":["gateway"]})";

HttpRequest with_code(ApiHouse& house, const std::string& method, const std::string& code,
                      const std::string& body = "") {
  auto request = house.request(method, "/setup", body);
  set_header(request, "Sonde-Setup-Code", code);
  return request;
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

bool fits(const Json& value, const char* schema) {
  const Json root = *parse_json(openapi_text()).value;
  const auto told = complaints(*resolve(root, std::string("#/components/schemas/") + schema), value, root);
  for (const auto& each : told) UNSCOPED_INFO(each);
  return told.empty();
}

}  // namespace

TEST_CASE("without the code the set-up page learns nothing about the host") {
  ApiHouse house(false);
  const Json state = house.json(house.request("GET", "/setup"));
  CHECK(fits(state, "SetupState"));
  CHECK(state.find("suggestions")->kind == Json::Kind::null);
  CHECK(state.find("code_needed")->boolean);
}

TEST_CASE("with the code it learns what is prefilled, however the code is typed") {
  ApiHouse house(false);
  std::string code = house.access.setup_code().text();
  CHECK(code.size() == 10);
  CHECK(code.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") == std::string::npos);
  for (char& c : code) c = static_cast<char>(std::tolower(c));
  const Json state = house.json(with_code(house, "GET", code.substr(0, 5) + "-" + code.substr(5)));
  CHECK(fits(state, "SetupState"));
  REQUIRE(state.find("suggestions")->kind == Json::Kind::object);
  CHECK(state.find("suggestions")->find("networks")->items.at(0).text == "198.51.100.0/24");
  CHECK(state.find("suggestions")->find("first_tests")->items.size() == 1);
}

TEST_CASE("five wrong codes pause entry for 60 s, for the right one too") {
  ApiHouse house(false);
  const std::string right = house.access.setup_code().text();
  const std::string wrong = right[0] == '0' ? "1" + right.substr(1) : "0" + right.substr(1);
  for (int i = 0; i < 4; ++i) CHECK(house.send(with_code(house, "GET", wrong)).status == 403);
  CHECK(house.send(with_code(house, "POST", wrong, kWish)).status == 429);
  const auto paused = house.send(with_code(house, "GET", right));
  CHECK(paused.status == 429);
  CHECK(header_of(paused, "Retry-After") == "60");
  CHECK(house.json(house.request("GET", "/setup")).find("paused_s")->number == 60);
  house.clock.advance(std::chrono::seconds(59));
  CHECK(house.send(with_code(house, "POST", right, kWish)).status == 429);
  house.clock.advance(std::chrono::seconds(1));
  CHECK(house.send(with_code(house, "POST", right, kWish)).status == 201);
}

TEST_CASE("set-up makes the administrator, the table and the chosen tests, and logs in") {
  ApiHouse house(false);
  const auto response = house.send(with_code(house, "POST", house.access.setup_code().text(), kWish));
  INFO(response.body);
  REQUIRE(response.status == 201);
  CHECK(fits(body_of(response), "Session"));
  CHECK_FALSE(header_of(response, "Set-Cookie").empty());
  const auto config = house.node.snapshot()->config;
  CHECK(config->set_up);
  CHECK(config->site.node_id == "00112233445566778899aabbccddeeff");
  CHECK(config->site.place == "Geneva");
  REQUIRE(config->engine_rules);
  CHECK(config->engine_rules->size() == 4);
  CHECK(config->peers.back().address == "198.51.100.1");
  CHECK(config->tests.back().peer == config->peers.back().id);
  auto next = house.request("GET", "/tests");
  set_header(next, "Cookie", header_of(response, "Set-Cookie"));
  CHECK(house.send(next).status == 200);
}

TEST_CASE("set-up commits once, also when two finish at the same moment") {
  ApiHouse house(false);
  const auto request = with_code(house, "POST", house.access.setup_code().text(), kWish);
  int statuses[2] = {};
  {
    std::jthread one([&] { statuses[0] = house.send(request).status; });
    std::jthread two([&] { statuses[1] = house.send(request).status; });
  }
  CHECK(statuses[0] + statuses[1] == 201 + 409);
  CHECK(house.access.users().size() == 1);
  CHECK(house.send(request).status == 409);
}

TEST_CASE("what the form gets wrong stands at its field, and nothing was changed") {
  struct Break {
    const char *from, *to, *field;
  };
  const auto each = GENERATE(values<Break>({
      {"ten characters", "short", "password"},
      {"ten characters", "aaaaaaaaaaaa", "password"},
      {"\"root\"", "\"\"", "user"},
      {"\"root\"", "\"a\\nb\"", "user"},
      {"\"root\"", "\" root\"", "user"},
      {"192.0.2.0/24", "192.0.2.1/24", "light_tests.networks"},
      {"[\"192.0.2.0/24\"]", "[]", "light_tests.networks"},
      {"\"networks\",", "\"everybody\",", "light_tests.from"},
      {"\"nobody\"", "7", "throughput.from"},
      {"\"gateway\"", "\"other\"", "first_tests"},
      {"\"latitude\":null", "\"latitude\":91", "site.latitude"},
      {"\"latitude\":null", "\"latitude\":1", "longitude"},
      {"gva.example.org", "gva.example.org ", "name"},
      {"\"contact\":\"\"", "\"contact\":\"x\"", "contact"},
      {"\"user\"", "\"usr\"", "user"},
      {"\"first_tests\"", "\"more\":1,\"first_tests\"", "more"},
  }));
  ApiHouse house(false);
  const auto response =
      house.send(with_code(house, "POST", house.access.setup_code().text(), changed(kWish, each.from, each.to)));
  INFO(each.to << " gave " << response.body);
  CHECK(response.status == 422);
  CHECK(fits(body_of(response), "Error"));
  CHECK(body_of(response).find("field")->text == each.field);
  CHECK_FALSE(house.access.has_users());
  CHECK_FALSE(house.node.snapshot()->config->set_up);
}

TEST_CASE("when the configuration cannot be written set-up can be tried again") {
  ApiHouse house(false);
  house.node.refuse_changes = "The disk is full.";
  const auto request = with_code(house, "POST", house.access.setup_code().text(), kWish);
  CHECK(house.send(request).status == 503);
  CHECK_FALSE(house.access.has_users());
  house.node.refuse_changes.clear();
  CHECK(house.send(request).status == 201);
}
