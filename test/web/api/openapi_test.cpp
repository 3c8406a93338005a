#include "web/api/openapi.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "test/support/json_schema.h"
#include "test/web/api/api_house.h"
#include "web/api/result_json.h"
#include "web/api/router.h"
#include "web/api/snapshot_json.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;

namespace {

const Json& description() {
  static const Json kRoot = [] {
    auto parsed = parse_json(openapi_text());
    INFO(parsed.sentence);
    REQUIRE(parsed.value);
    return *parsed.value;
  }();
  return kRoot;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

const Json* operation(std::string_view method, std::string_view pattern) {
  const Json* path = description().find("paths")->find(pattern);
  return path ? path->find(lower(std::string(method))) : nullptr;
}

/// Status, content type and body against what the operation promises.
std::vector<std::string> judge(const Json& op, const HttpResponse& response) {
  const Json* promised = op.find("responses")->find(std::to_string(response.status));
  if (!promised) return {"status " + std::to_string(response.status) + " is not described: " + response.body};
  if (const Json* reference = promised->find("$ref")) promised = resolve(description(), reference->text);
  const Json* content = promised->find("content");
  if (!content)
    return response.body.empty() ? std::vector<std::string>{}
                                 : std::vector<std::string>{"a body that is not described"};
  const std::string type = response.content_type.substr(0, response.content_type.find(';'));
  const Json* media = content->find(type);
  if (!media) return {"content type " + type + " is not described"};
  if (type != "application/json") return {};
  return complaints(*media->find("schema"), body_of(response), description());
}

struct Example {
  std::string method, target, body;
};

const std::string kTest =
    R"({"title":"x","probe":"echo","peer":"lyon","family":"IPv4","source":"","dscp":0,"payload_bytes":0,)"
    R"("schedule":{"kind":"every","period":"5 min","spread":"","at":null},"options":{"count":"5"},"paused":false})";
const std::string kSite =
    R"({"name":"n","organisation":"o","place":"p","latitude":1,"longitude":2,"contact":"a@example.org"})";

/// At least one good request for every operation but set-up, which has its own test.
std::vector<Example> examples() {
  return {
      {"GET", "/health", ""},
      {"GET", "/openapi.json", ""},
      {"GET", "/setup", ""},
      {"GET", "/setup/answers", ""},
      {"PATCH", "/setup/answers", R"({"answers":{"site.place":"Lyon"}})"},
      {"POST", "/setup/answers/check", R"({"key":"site.place","value":"Lyon","answers":{}})"},
      {"GET", "/session", ""},
      {"POST", "/session", R"({"user":"alice","password":"correct horse battery"})"},
      {"GET", "/peers", ""},
      {"POST", "/peers", R"({"name":"Bern","address":"192.0.2.9"})"},
      {"POST", "/peers/check", R"({"address":"192.0.2.7"})"},
      {"GET", "/peers/lyon", ""},
      {"PUT", "/peers/oslo", R"({"name":"Oslo","address":"oslo.example.org"})"},
      {"DELETE", "/peers/oslo", ""},
      {"GET", "/tests", ""},
      {"POST", "/tests", kTest},
      {"POST", "/tests/cost", R"({"probe":"echo"})"},
      {"GET", "/tests/t1", ""},
      {"PUT", "/tests/t1", kTest},
      {"POST", "/tests/t1/run", ""},
      {"POST", "/tests/t1/pause", ""},
      {"POST", "/tests/t1/resume", ""},
      {"GET", "/tests/t1/smoke?direction=forward", ""},
      {"GET", "/tests/t1/smoke?direction=forward&format=csv&resolution=5 min&revision=1", ""},
      {"GET", "/tests/t1/routes?names=1", ""},
      {"GET", "/probes", ""},
      {"GET", "/metrics", ""},
      {"GET", "/runs", ""},
      {"GET", "/runs?state=running&test=t1&limit=1", ""},
      {"GET", "/runs/r1", ""},
      {"POST", "/runs/r2/stop", ""},
      {"GET", "/results", ""},
      {"GET", "/results?test=t1&outcome=done&limit=1", ""},
      {"GET", "/results/01RESULT0000000000000000A1", ""},
      {"GET", "/results/01RESULT0000000000000000A1/packets?direction=forward", ""},
      {"GET", "/results/01RESULT0000000000000000A1/packets?direction=forward&format=csv", ""},
      {"GET", "/series", ""},
      {"GET", "/series?test=t1", ""},
      {"GET", "/series/t1.1.forward.delay.p50/data", ""},
      {"GET", "/series/t1.1.forward.delay.p50/data?format=csv&from=2027-01-14T00:00:00Z&to=2027-01-15T00:00:00Z", ""},
      {"GET", "/paths", ""},
      {"GET", "/paths/lyon.v4", ""},
      {"GET", "/events", ""},
      {"GET", "/events?kind=clock_step&limit=1", ""},
      {"GET", "/node", ""},
      {"GET", "/node/firewall", ""},
      {"GET", "/node/firewall?peer=lyon", ""},
      {"GET", "/node/certificate", ""},
      {"PUT", "/node/certificate", "no certificate"},
      {"DELETE", "/node/certificate", ""},
      {"GET", "/node/certificate/request", ""},
      {"GET", "/check", ""},
      {"POST", "/check/nic.eth0.ring/mend", ""},
      {"GET", "/backup/state", ""},
      {"GET", "/machine", ""},
      {"POST", "/machine/data", R"({"drive":"vda","typed":"disk0","format":true})"},
      {"POST", "/machine/install", R"({"drive":"vda","typed":"disk0"})"},
      {"PUT", "/machine/image?older=1", "an image"},
      {"DELETE", "/machine/image", ""},
      {"POST", "/machine/image/fetch", R"({"url":"https://example.org/sonde.iso"})"},
      {"POST", "/machine/upgrade", "{}"},
      {"POST", "/machine/go-back", R"({"password":"correct horse battery"})"},
      {"POST", "/machine/restart", ""},
      {"POST", "/machine/power-off", ""},
      {"GET", "/users", ""},
      {"POST", "/users", R"({"name":"bob","role":"viewer","password":"a long password"})"},
      {"POST", "/tokens", R"({"name":"grafana","role":"viewer","scope":["results"],"expires":"2027-06-01T00:00:00Z"})"},
      {"GET", "/tokens", ""},
      {"GET", "/settings", ""},
      {"PUT", "/settings",
       R"({"site":)" + kSite +
           R"(,"test_ports":{"first":8760,"last":8960},"spin":"0 s","web_names":["a.example.org"],"public_reading":false,"banner":"test system","disk_limit_bytes":0})"},
      {"GET", "/timeline", ""},
      {"GET", "/timeline?from=2027-01-14T00:00:00Z&to=2027-01-16T00:00:00Z", ""},
      {"GET", "/pause-windows", ""},
      {"PUT", "/pause-windows", R"({"items":[{"name":"backup","begin":"01:00","end":"02:30","days":"Mon,Tue"}]})"},
      {"GET", "/limits", ""},
      {"PUT", "/limits", R"({"items":[{"engine":"owamp","source":"192.0.2.0/24","allow":true}]})"},
      {"GET", "/stream", ""},
      {"PUT", "/session/password", R"({"current":"correct horse battery","password":"another long one"})"},
      {"DELETE", "/session", ""},
  };
}

}  // namespace

TEST_CASE("every operation of the description has a handler with the same role, and every handler is described") {
  static constexpr std::string_view kRoles[] = {"anybody", "public", "viewer", "operator", "administrator"};
  std::set<std::pair<std::string, std::string>> handled;
  for (const Route& route : routes()) {
    INFO(route.method << " " << route.pattern);
    const Json* op = operation(route.method, route.pattern);
    REQUIRE(op);
    CHECK(op->find("x-role")->text == kRoles[static_cast<int>(route.needs)]);
    CHECK((op->find("requestBody") != nullptr) ==
          (route.body == Route::Body::json || route.body == Route::Body::upload));
    handled.emplace(lower(std::string(route.method)), route.pattern);
  }
  for (const auto& [path, methods] : description().find("paths")->members)
    for (const auto& [method, op] : methods.members) {
      INFO(method << " " << path);
      CHECK(handled.contains({method, path}));
    }
}

TEST_CASE("every door that opens without a login says in the description what bounds it") {
  for (const Route& route : routes())
    if (route.needs == Needs::anybody && route.method != "GET")
      CHECK(operation(route.method, route.pattern)->find("x-limit"));
}

static bool is_upload(const Example& example) {
  const Match match = find_route(example.method, example.target.substr(0, example.target.find('?')));
  return match.route && match.route->body == Route::Body::upload;
}

TEST_CASE("every operation answers as described") {
  std::set<const Json*> tried;
  for (const Example& example : examples()) {
    ApiHouse house;
    // something to list and to change in each house
    house.send(house.as_admin("POST", "/tokens", R"({"name":"n","role":"viewer","expires":"2027-06-01T00:00:00Z"})"));
    auto request = house.as_admin(example.method, example.target, example.body);
    if (example.method == "PUT") set_header(request, "If-Match", example.target == "/users/x" ? "\"3\"" : "\"8\"");
    if (is_upload(example)) set_header(request, "Content-Type", "application/octet-stream");
    const HttpResponse response = house.send(request);
    const Match match = find_route(example.method, request.path.substr(7));
    REQUIRE(match.route);
    const Json* op = operation(example.method, match.route->pattern);
    INFO(example.method << " " << example.target << " gave " << response.status << " "
                        << response.body.substr(0, 2000));
    CHECK(judge(*op, response) == std::vector<std::string>{});
    const bool meant_to_fail = example.target == "/node/certificate" && example.method == "PUT";
    CHECK((response.status < 300) == !meant_to_fail);
    tried.insert(op);
  }
  // those whose ids are made at run time, and set-up, have test cases of their own
  const std::set<std::string> elsewhere = {
      "post /setup",        "post /setup/check", "put /users/{id}",     "delete /users/{id}", "delete /tokens/{id}",
      "delete /tests/{id}", "get /backup",       "put /backup/restore", "post /backup/undo",  "delete /backup/before"};
  for (const auto& [path, methods] : description().find("paths")->members)
    for (const auto& [method, op] : methods.members) {
      INFO(method << " " << path);
      CHECK((tried.contains(&op) || elsewhere.contains(method + " " + path)));
    }
}

TEST_CASE("making a backup, restoring it, and the way back answer as described") {
  ApiHouse house;
  const auto check = [&](const std::string& method, const std::string& pattern, const HttpRequest& request,
                         int status) {
    HttpResponse response = house.send(request);
    INFO(method << " " << pattern << " gave " << response.body);
    CHECK(response.status == status);
    CHECK(judge(*operation(method, pattern), response) == std::vector<std::string>{});
    return response;
  };
  const auto restore = [&](const std::string& as, const std::string& file) {
    auto request = house.as_admin("PUT", "/backup/restore" + as, file);
    set_header(request, "Content-Type", "application/octet-stream");
    return request;
  };
  check("POST", "/backup/undo", house.as_admin("POST", "/backup/undo"), 409);
  check("DELETE", "/backup/before", house.as_admin("DELETE", "/backup/before"), 404);
  std::string file;
  {
    auto made = check("GET", "/backup", house.as_admin("GET", "/backup"), 200);
    CHECK(header_of(made, "Content-Disposition").starts_with("attachment; filename=\"sonde-"));
    REQUIRE(made.produce);
    check("GET", "/backup", house.as_admin("GET", "/backup"), 409);
    made.produce([&](std::span<const char> piece) {
      file.append(piece.data(), piece.size());
      return true;
    });
  }
  check("PUT", "/backup/restore", restore("", file), 422);
  check("PUT", "/backup/restore", restore("?as=other", file), 422);
  check("PUT", "/backup/restore", restore("?as=same", "no backup"), 422);
  CHECK(house.restarts == 0);
  check("PUT", "/backup/restore", restore("?as=same", file), 202);
  CHECK(house.restarts == 1);
  check("PUT", "/backup/restore", restore("?as=same", file), 409);
}

TEST_CASE("a node without users takes no backup: nobody could log in afterwards") {
  ApiHouse house(false);
  auto request = house.request("PUT", "/backup/restore?as=same", "x");
  request.is_local_socket = true;
  set_header(request, "Content-Type", "application/octet-stream");
  const HttpResponse response = house.send(request);
  CHECK(response.status == 409);
  CHECK(response.body.find("set this node up first") != std::string::npos);
}

TEST_CASE("users, tokens and tests with ids made at run time answer as described") {
  ApiHouse house;
  const auto check = [&](const std::string& method, const std::string& pattern, const HttpRequest& request,
                         int status) {
    const HttpResponse response = house.send(request);
    INFO(method << " " << pattern << " gave " << response.body);
    CHECK(response.status == status);
    CHECK(judge(*operation(method, pattern), response) == std::vector<std::string>{});
    return response;
  };
  const std::string user = house.json(house.as_admin("GET", "/users")).find("items")->items[1].find("id")->text;
  const std::string etag = header_of(house.send(house.as_admin("GET", "/users")), "ETag");
  auto put = house.as_admin("PUT", "/users/" + user, R"({"role":"administrator"})");
  check("PUT", "/users/{id}", put, 428);
  set_header(put, "If-Match", "\"999\"");
  check("PUT", "/users/{id}", put, 412);
  set_header(put, "If-Match", etag);
  check("PUT", "/users/{id}", put, 200);
  check("DELETE", "/users/{id}", house.as_admin("DELETE", "/users/" + user), 204);
  check("DELETE", "/users/{id}", house.as_admin("DELETE", "/users/" + user), 404);
  const Json token =
      house.json(house.as_admin("POST", "/tokens", R"({"name":"n","role":"viewer","expires":"2027-06-01T00:00:00Z"})"));
  check("DELETE", "/tokens/{id}", house.as_admin("DELETE", "/tokens/" + token.find("id")->text), 204);
  check("DELETE", "/tokens/{id}", house.as_admin("DELETE", "/tokens/" + token.find("id")->text), 404);
  check("DELETE", "/tests/{id}", house.as_admin("DELETE", "/tests/own"), 409);
  check("DELETE", "/tests/{id}", house.as_admin("DELETE", "/tests/t1"), 204);
  check("DELETE", "/tests/{id}", house.as_admin("DELETE", "/tests/t1"), 404);
}

TEST_CASE("what the stream sends fits the schemas") {
  const auto fits = [](const std::string& json, const char* schema) {
    const auto value = parse_json(json).value;
    REQUIRE(value);
    return complaints(*resolve(description(), std::string("#/components/schemas/") + schema), *value, description());
  };
  const FakeNode node;
  CHECK(fits(snapshot_event_json(*node.snapshot(), true), "SnapshotEvent") == std::vector<std::string>{});
  CHECK(fits(snapshot_event_json(*node.snapshot(), false), "SnapshotEvent") == std::vector<std::string>{});
  CHECK(fits(result_json(sample_result("A", "t1")), "Result") == std::vector<std::string>{});
  CHECK(fits(result_json(sample_result("A", "t1"), Detail::full), "Result") == std::vector<std::string>{});
  CHECK(fits(result_json(Result{}), "Result") == std::vector<std::string>{});
  CHECK(fits(event_json({"e", FakeNode::kNow, "k", "", "s"}), "Event") == std::vector<std::string>{});
}

TEST_CASE("the schema check finds what is wrong") {
  const auto told = [](const char* schema, const char* value) {
    return complaints(*parse_json(schema).value, *parse_json(value).value, description()).size();
  };
  CHECK(told(R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false})",
             R"({"a":1})") == 0);
  CHECK(told(R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false})",
             R"({"b":1})") == 2);
  CHECK(told(R"({"type":"integer"})", "1.5") == 1);
  CHECK(told(R"({"type":["number","null"]})", "null") == 0);
  CHECK(told(R"({"type":"array","items":{"type":"string"}})", R"(["a",1])") == 1);
  CHECK(told(R"({"enum":["a","b"]})", R"("c")") == 1);
  CHECK(told(R"({"$ref":"#/components/schemas/Time"})", R"("2026")") == 1);
  CHECK(told(R"({"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]})", "null") == 0);
  CHECK(told(R"({"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]})", "1") == 1);
  CHECK(told(R"({"type":"string","maxLength":2})", R"("abc")") == 1);
  CHECK(told(R"({"frobnicate":1})", "1") == 1);
}
