#include <catch2/catch.hpp>

#include "core/base/random.h"
#include "core/config/rules.h"
#include "test/web/api/api_house.h"
#include "web/api/router.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;

namespace {

struct Bad {
  const char *method, *target, *body;
  int status;
  const char *field, *sentence;  ///< sentence: a part of it
};

const std::string kTest = R"("probe":"echo","peer":"lyon")";

}  // namespace

TEST_CASE("each field has a rule, and the sentence names field, value and what is allowed") {
  const auto bad = GENERATE(values<Bad>({
      {"POST", "/peers", "{}", 422, "address", "address is missing"},
      {"POST", "/peers", R"({"address":"lyon.example.org "})", 422, "address",
       "\"lyon.example.org \": allowed is a host name"},
      {"POST", "/peers", R"({"address":"a b"})", 422, "address", "without blanks"},
      {"POST", "/peers", R"({"address":""})", 422, "address", "a host name"},
      {"POST", "/peers", R"({"address":7})", 422, "address", "address \"7\": allowed is text"},
      {"POST", "/peers", R"({"address":"224.0.0.1"})", 422, "address", "one host"},
      {"POST", "/peers", R"({"address":"192.0.2.7"})", 409, "address", "no other peer has"},
      {"POST", "/peers", R"({"address":"192.0.2.8","name":"Lyon"})", 409, "name", "no other peer has"},
      {"POST", "/peers", R"({"address":"192.0.2.8","name":"Lyon "})", 422, "name", "blanks at its begin or end"},
      {"POST", "/peers", R"({"address":"192.0.2.8","nmae":"x"})", 422, "nmae", "only address, name"},
      {"POST", "/peers/check", R"({"address":"http://192.0.2.7/"})", 422, "address", "a host name"},
      {"POST", "/tests", R"({"peer":"lyon"})", 422, "probe", "probe is missing"},
      {"POST", "/tests", R"({"probe":"owmap","peer":"lyon"})", 422, "probe", "one of echo, self"},
      {"POST", "/tests", R"({"probe":"echo"})", 422, "peer", "one of the peers"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lion"})", 422, "peer", "\"lion\""},
      {"POST", "/tests", R"({"probe":"self","peer":"lyon"})", 422, "peer", "no peer"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","family":"IPv6"})", 422, "family", "192.0.2.7"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","family":"ipv4"})", 422, "family", "one of IPv4, IPv6"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","dscp":64})", 422, "dscp", "0 to 63"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","dscp":1.5})", 422, "dscp", "\"1.5\""},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","dscp":"1"})", 422, "dscp", "a whole number"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","payload_bytes":-1})", 422, "payload_bytes", "0 to 65000"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","payload_bytes":9999999999})", 422, "payload_bytes",
       "0 to 65000"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","source":"1.2.3"})", 422, "source", "an own address"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","title":"a\u0007b"})", 422, "title", "control characters"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","paused":"no"})", 422, "paused", "true or false"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","schedule":"daily"})", 422, "schedule", "an object"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","schedule":{}})", 422, "schedule.kind", "kind is missing"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","schedule":{"kind":"every","period":"5"}})", 422,
       "schedule.period", "with its unit"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","schedule":{"kind":"every","period":"0 s"}})", 422,
       "schedule.period", "period \"0 s\": allowed is"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","schedule":{"kind":"once","at":"soon"}})", 422, "schedule.at",
       "in UTC"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","schedule":{"kind":"every","period":"1 min","evry":1}})", 422,
       "schedule.evry", "only"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","options":{"count":"0"}})", 422, "options.count",
       "1 to 1000 packets"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","options":{"count":5}})", 422, "options.count",
       "text in quotes"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","options":{"cuont":"5"}})", 422, "options.cuont",
       "only the options"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","options":[]})", 422, "options", "an object"},
      {"POST", "/tests/cost", R"({"probe":"echo","peer":"lion"})", 422, "peer", "one of the peers"},
      {"POST", "/tests/cost", R"({"probe":"echo","schedule":{"kind":"continuous","period":"7 s"}})", 422,
       "schedule.period", "divides a day"},
      {"POST", "/users", R"({"name":"bob","role":"root","password":"a long password"})", 422, "role",
       "one of viewer, operator, administrator"},
      {"POST", "/users", R"({"name":"bob","role":"viewer","password":"short"})", 422, "password", "10 to 200"},
      {"POST", "/users", R"({"name":"ALICE","role":"viewer","password":"a long password"})", 409, "name",
       "no other user"},
      {"POST", "/tokens", R"({"name":"a","role":"viewer","scope":["everything"],"expires":"2027-06-01T00:00:00Z"})",
       422, "scope", "names of resources"},
      {"POST", "/tokens", R"({"name":"a","role":"viewer","expires":"2020-06-01T00:00:00Z"})", 422, "expires",
       "from now"},
      {"POST", "/tokens", R"({"name":"a","role":"viewer"})", 422, "expires", "missing"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","schedule":{"kind":"at"}})", 422, "schedule.times",
       "1 to 48 times of day"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","schedule":{"kind":"at","times":["2:00"]}})", 422,
       "schedule.times", "times \"2:00\": allowed is a time of day in UTC"},
      {"POST", "/tests", R"({"probe":"echo","peer":"lyon","schedule":{"kind":"at","times":["14:30","02:00"]}})", 422,
       "schedule.times", "in the order of the day"},
      {"POST", "/tests",
       R"({"probe":"echo","peer":"lyon","schedule":{"kind":"every","period":"1 h","times":["02:00"]}})", 422,
       "schedule.times", "for \"at\" only"},
      {"POST", "/tests",
       R"({"probe":"heavy","peer":"lyon","schedule":{"kind":"every","period":"45 s","spread":"0 s"}})", 422, "schedule",
       "The day is overfull: 1 heavy test needs 76800 s of the slot a day, 89 %"},
      {"PUT", "/pause-windows", "{}", 422, "items", "missing"},
      {"PUT", "/pause-windows", R"({"items":[{"begin":"1:00","end":"02:00"}]})", 422, "items.0.begin", "a time of day"},
      {"PUT", "/pause-windows", R"({"items":[{"begin":"01:00","end":"01:00"}]})", 422, "items.0.end",
       "another time than the begin"},
      {"PUT", "/pause-windows", R"({"items":[{"begin":"01:00","end":"02:00","days":"Mo"}]})", 422, "items.0.days",
       "daily, or days"},
      {"GET", "/timeline?from=2027-01-14T00:00:00Z&to=2027-01-17T00:00:00Z", "", 422, "to", "at most 48 h later"},
      {"GET", "/timeline?from=2027-01-14T00:00:00Z&to=2027-01-13T00:00:00Z", "", 422, "to", "a time after from"},
      {"PUT", "/limits", "{}", 422, "items", "missing"},
      {"PUT", "/limits", R"({"items":[7]})", 422, "items.0", "an object"},
      {"PUT", "/limits", R"({"items":[{"engine":"owamp","source":"192.0.2.7/24","allow":true}]})", 422,
       "items.0.source", "without host bits"},
      {"PUT", "/limits", R"({"items":[{"engine":"owamp","source":"192.0.2.0/24","allow":true,"seconds":0}]})", 422,
       "items.0.seconds", "1 to 86400"},
      {"PUT", "/limits", R"({"items":[{"engine":"owamp","source":"192.0.2.0/24"}]})", 422, "items.0.allow", "missing"},
      {"PUT", "/settings", "{}", 422, "site", "missing"},
      {"GET", "/results?limit=0", "", 422, "limit", "1 to 1000"},
      {"GET", "/results?limit=1e3", "", 422, "limit", "\"1e3\""},
      {"GET", "/results?from=yesterday", "", 422, "from", "in UTC"},
      {"GET", "/results?from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z", "", 422, "from", "before to"},
      {"GET", "/results?outcome=good", "", 422, "outcome", "one of done"},
      {"GET", "/results?form=2027-01-02T00:00:00Z", "", 422, "form", "no such name"},
      {"GET", "/tests/t1/smoke", "", 422, "direction", "one of forward"},
      {"GET", "/tests/t1/smoke?direction=up", "", 422, "direction", "\"up\""},
      {"GET", "/tests/t1/smoke?direction=forward&resolution=0 s", "", 422, "resolution", "with its unit"},
      {"GET", "/tests/t1/smoke?direction=forward&format=xml", "", 422, "format", "one of json, csv"},
      {"GET", "/tests/none/smoke?direction=forward", "", 404, "id", "no such test"},
      {"GET", "/series/nonsense/data", "", 404, "id", "no such series"},
      {"GET", "/series/other.1.forward.delay.p50/data", "", 404, "id", "no such series"},
      {"GET", "/results/none", "", 404, "id", "no such result"},
      {"GET", "/results/01RESULT0000000000000000A1/packets?direction=reverse", "", 404, "direction", "24 h"},
      {"GET", "/runs/none", "", 404, "id", "no such run"},
      {"GET", "/paths/none", "", 404, "id", "no such path"},
      {"GET", "/peers/none", "", 404, "id", "no such peer"},
      {"GET", "/node/firewall?peer=none", "", 404, "peer", "no such peer"},
      {"DELETE", "/peers/lyon", "", 409, "id", "1 test has it as far end"},
      {"POST", "/tests/none/run", "", 404, "id", "no such test"},
      {"POST", "/runs/none/stop", "", 404, "id", "no such run"},
  }));
  ApiHouse house;
  auto request = house.as_admin(bad.method, bad.target, bad.body);
  if (request.method == "PUT") set_header(request, "If-Match", "\"8\"");
  const Config before = *house.node.snapshot()->config;
  const HttpResponse response = house.send(request);
  INFO(bad.method << " " << bad.target << " " << bad.body << " gave " << response.status << " " << response.body);
  CHECK(response.status == bad.status);
  const Json body = body_of(response);
  CHECK(body.find("status")->integer == bad.status);
  CHECK(body.find("field")->text == bad.field);
  CHECK(body.find("sentence")->text.find(bad.sentence) != std::string::npos);
  CHECK(*house.node.snapshot()->config == before);
}

TEST_CASE("what is no JSON object is refused before anything is looked at") {
  ApiHouse house;
  for (const std::string& body :
       {std::string(""), std::string("null"), std::string("[]"), std::string("7"), std::string("{"),
        std::string("{\"address\":\"a\xff\"}"), std::string("{\"address\":\"a\\u0000\"}"),
        std::string("{\"address\":\"a\",\"address\":\"b\"}"), std::string(200'000, '['),
        "{\"address\":\"" + std::string(200'000, 'a') + "\"}"}) {
    auto request = house.as_admin("POST", "/peers", body);
    const auto response = house.send(request);
    CHECK((response.status == 400 || response.status == 422));
    CHECK(response.body.size() < 1000);
  }
}

TEST_CASE("unknown paths are 404, known paths with another method 405 with what is allowed") {
  ApiHouse house;
  for (const char* path : {"/nothing", "/tests/t1/dance", "/tests/", "/tests//run", "/peers/a/b/c", "/../tests"})
    CHECK(house.send(house.as_admin("GET", path)).status == 404);
  const auto response = house.send(house.as_admin("PATCH", "/tests/t1"));
  CHECK(response.status == 405);
  CHECK(header_of(response, "Allow") == "GET, PUT, DELETE");
  CHECK(house.send(house.as_admin("GET", "/tests/cost")).status == 405);
  CHECK(house.send(house.as_admin("HEAD", "/tests")).status == 200);
}

TEST_CASE("a PUT without If-Match is 428, with an old or foreign one 412, and nothing is changed") {
  ApiHouse house;
  const std::pair<const char*, const char*> puts[] = {
      {"/peers/oslo", R"({"name":"x","address":"oslo.example.org"})"},
      {"/tests/t1", R"({"probe":"echo","peer":"lyon"})"},
      {"/limits", R"({"items":[]})"},
  };
  for (const auto& [path, body] : puts) {
    auto request = house.as_admin("PUT", path, body);
    CHECK(house.send(request).status == 428);
    for (const char* tag : {"\"7\"", "\"9\"", "8", "\"x\"", "*", "W/\"8\"", "\"8\", \"9\"", "\"\"", "\"-1\""}) {
      set_header(request, "If-Match", tag);
      INFO(path << " " << tag);
      CHECK(house.send(request).status == 412);
    }
  }
  CHECK(house.node.snapshot()->config_revision == 8);
}

TEST_CASE("the ETag of a GET is what the next PUT needs, and a change makes it old") {
  ApiHouse house;
  const std::string tag = header_of(house.send(house.as_admin("GET", "/peers/oslo")), "ETag");
  auto request = house.as_admin("PUT", "/peers/oslo", R"({"name":"x","address":"oslo.example.org"})");
  set_header(request, "If-Match", tag);
  const auto response = house.send(request);
  CHECK(response.status == 200);
  CHECK(header_of(response, "ETag") != tag);
  CHECK(house.send(request).status == 412);
}

TEST_CASE("changing a test's identity or its peer's address begins a new revision; a test keeps its kind") {
  ApiHouse house;
  const auto put = [&](const std::string& path, const std::string& body) {
    auto request = house.as_admin("PUT", path, body);
    set_header(request, "If-Match", header_of(house.send(house.as_admin("GET", path)), "ETag"));
    return house.send(request);
  };
  const auto revision = [&] { return house.node.snapshot()->config->test("t1")->revision; };
  const std::string same =
      R"({"probe":"echo","peer":"lyon","title":"renamed","options":{"count":"20"},"schedule":{"kind":"continuous","period":"1 min"})";
  CHECK(put("/tests/t1", same + "}").status == 200);
  CHECK(revision() == 1);
  CHECK(put("/tests/t1", same + ",\"dscp\":46}").status == 200);
  CHECK(revision() == 2);
  CHECK(put("/peers/lyon", R"({"name":"Lyon","address":"192.0.2.77"})").status == 200);
  CHECK(revision() == 3);
  CHECK(put("/tests/t1", R"({"probe":"self"})").status == 422);
}

TEST_CASE("a broken configuration file refuses changes with its sentence, and the page is told") {
  ApiHouse house;
  house.node.set([](Snapshot& now) {
    now.config_editable = false;
    now.config_sentence = "sonde.xml line 2, column 8: latitude \"x\": allowed is a number.";
  });
  house.node.refuse_changes = "sonde.xml line 2, column 8: latitude \"x\": allowed is a number.";
  const auto response = house.send(house.as_admin("POST", "/peers", R"({"address":"192.0.2.9"})"));
  CHECK(response.status == 503);
  CHECK(response.body.find("line 2, column 8") != std::string::npos);
  CHECK_FALSE(house.json(house.as_admin("GET", "/session")).find("may_change")->boolean);
  CHECK(house.json(house.as_admin("GET", "/node")).find("problems")->items.size() == 1);
}

TEST_CASE("what is wrong with machine and stored files is told; files to those who log in only") {
  ApiHouse house;
  house.node.set([](Snapshot& now) {
    now.host_trouble = "The data partition vda1 was pulled out.";
    now.replaced = {"The configuration could not be read."};
  });
  const Json told = house.json(house.as_admin("GET", "/node"));
  REQUIRE(told.find("problems")->items.size() == 2);
  CHECK(told.find("problems")->items[0].text == "The configuration could not be read.");
  CHECK(told.find("problems")->items[1].text == "The data partition vda1 was pulled out.");
  CHECK(house.json(house.as_admin("GET", "/health")).find("status")->text == "degraded");
}

TEST_CASE("a test that names no family has that of its peer's address, and a name means IPv4") {
  ApiHouse house;
  for (const auto& [address, family] :
       {std::pair("2001:db8::7", "IPv6"), {"198.51.100.7", "IPv4"}, {"bern.example.org", "IPv4"}}) {
    const Json peer = house.json(house.as_admin(
        "POST", "/peers", R"({"name":")" + std::string(address) + R"(","address":")" + address + R"("})"));
    const Json test =
        house.json(house.as_admin("POST", "/tests", R"({"probe":"echo","peer":")" + peer.find("id")->text + R"("})"));
    CHECK(test.find("family")->text == family);
  }
}

TEST_CASE("mangled bodies at every door give 4xx, never an exception and never a change that breaks a rule") {
  ApiHouse house;
  const auto random = seeded_random(5);
  const std::string good[] = {
      R"({"name":"Bern","address":"192.0.2.9"})",
      R"({"title":"x","probe":"echo","peer":"lyon","family":"IPv4","dscp":0,"schedule":{"kind":"every","period":"5 min","at":null},"options":{"count":"5"}})",
      R"({"items":[{"engine":"owamp","source":"192.0.2.0/24","allow":true,"seconds":10}]})",
      R"({"name":"a","role":"viewer","scope":["results"],"expires":"2027-06-01T00:00:00Z"})",
  };
  for (const Route& route : routes()) {
    if (route.body != Route::Body::json || route.pattern.starts_with("/session") || route.pattern.starts_with("/users"))
      continue;
    std::string path(route.pattern);
    if (const auto brace = path.find("{id}"); brace != std::string::npos)
      path.replace(brace, 4, path.starts_with("/tests") ? "t1" : "oslo");
    for (int i = 0; i < 150; ++i) {
      std::string body = good[random->below(std::size(good))];
      for (std::uint64_t n = random->below(5); n > 0; --n) {
        const std::uint64_t at = random->below(body.size());
        if (random->below(3) == 0)
          body.erase(at, random->below(8));
        else if (random->below(2) == 0)
          body[at] = static_cast<char>(random->next());
        else
          body.insert(at, body.substr(random->below(body.size()), random->below(12)));
        if (body.empty()) body = "x";
      }
      auto request = house.as_admin(std::string(route.method), path, body);
      set_header(request, "If-Match", "\"" + std::to_string(house.node.snapshot()->config_revision) + "\"");
      const auto response = house.send(request);
      INFO(route.method << " " << path << " " << body << " gave " << response.status);
      CHECK(response.status >= 200);
      CHECK(response.status < 500);
    }
  }
  const auto broken = check(*house.node.snapshot()->config, house.node.probes());
  INFO((broken ? broken->sentence : ""));
  CHECK_FALSE(broken);
}
