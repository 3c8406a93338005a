// What each role may: by the routes, and by the description, so that a new operation cannot be forgotten.
#include <catch2/catch.hpp>

#include "test/web/api/api_house.h"
#include "web/api/openapi.h"
#include "web/api/router.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;

namespace {

int status(ApiHouse& house, const HttpRequest& request) { return house.send(request).status; }

}  // namespace

TEST_CASE("a viewer reads and changes nothing but the own password") {
  ApiHouse house;
  for (const Route& route : routes()) {
    const std::string method(route.method);
    auto request = house.as("victor", method, example_path(route), route.body == Route::Body::json ? "{}" : "");
    INFO(method << " " << route.pattern);
    if (route.needs >= Needs::operator_) CHECK(status(house, request) == 403);
  }
  CHECK(status(house, house.as("victor", "GET", "/tests")) == 200);
  CHECK(status(house, house.as("victor", "POST", "/tests/cost", R"({"probe":"echo"})")) == 200);
}

TEST_CASE("an operator's session and token may what measuring needs, and nothing of what an administrator may") {
  // by the description, so that a new operation cannot be forgotten
  const Json description = parse_json(openapi_text()).value.value();
  int allowed = 0, refused = 0;
  for (const auto& [path, methods] : description.find("paths")->members)
    for (const auto& [method, operation] : methods.members) {
      ApiHouse house;
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(std::toupper(c));
      const Match match = find_route(upper, path);
      REQUIRE(match.route);
      const std::string role = operation.find("x-role")->text;
      const std::string body = match.route->body == Route::Body::json ? "{}" : "";
      const std::string token =
          house
              .json(house.as_admin("POST", "/tokens",
                                   R"({"name":"o","role":"operator","expires":"2027-06-01T00:00:00Z"})"))
              .find("token")
              ->text;
      auto by_token = house.request(upper, example_path(*match.route), body);
      set_header(by_token, "Authorization", "Bearer " + token);
      auto by_session = house.as("olga", upper, example_path(*match.route), body);
      for (HttpRequest* request : {&by_token, &by_session}) {
        if (match.route->body == Route::Body::upload) set_header(*request, "Content-Type", "application/octet-stream");
        const auto response = house.send(*request);
        INFO(upper << " " << path << " for " << role << " gave " << response.status << " " << response.body);
        if (role == "administrator") {
          CHECK(response.status == 403);
          CHECK(response.body.find("Only an administrator may do this") != std::string::npos);
          CHECK(response.body.find("an operator") != std::string::npos);
          ++refused;
        } else if (role == "operator") {
          CHECK(response.status != 401);
          CHECK(response.status != 403);
          ++allowed;
        }
      }
    }
  CHECK(allowed >= 24);
  CHECK(refused >= 24);
}

TEST_CASE("the session tells each role what it may, and why not the rest") {
  ApiHouse house;
  const auto told = [&](const std::string& user) { return house.json(house.as(user, "GET", "/session")); };
  const Json alice = told("alice"), olga = told("olga"), victor = told("victor");
  CHECK(alice.find("may_change")->boolean);
  CHECK(alice.find("may_administer")->boolean);
  CHECK(alice.find("administer_sentence")->text.empty());
  CHECK(olga.find("role")->text == "operator");
  CHECK(olga.find("may_change")->boolean);
  CHECK(olga.find("sentence")->text.empty());
  CHECK_FALSE(olga.find("may_administer")->boolean);
  CHECK(olga.find("administer_sentence")->text ==
        "You are logged in as an operator; only an administrator may change this part of the node.");
  CHECK_FALSE(victor.find("may_change")->boolean);
  CHECK(victor.find("sentence")->text ==
        "You are logged in as a viewer; only operators and administrators may change tests and peers.");
}

TEST_CASE("a user who becomes an operator has no session left from before") {
  ApiHouse house;
  REQUIRE(status(house, house.as("victor", "GET", "/tests")) == 200);
  auto change = house.as_admin("PUT", "/users/victor", R"({"role":"operator"})");
  set_header(change, "If-Match", header_of(house.send(house.as_admin("GET", "/users")), "ETag"));
  REQUIRE(status(house, change) == 200);
  CHECK(status(house, house.as("victor", "GET", "/tests")) == 401);
}
