#include <catch2/catch.hpp>
#include <thread>

#include "core/access/password.h"
#include "test/support/json_schema.h"
#include "test/support/setup_facts.h"
#include "test/web/api/api_house.h"
#include "web/api/openapi.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;

namespace {

const std::string kWish =
    R"({"answers":{"host.name":"gva.example.org","site.place":"Geneva","site.contact":"noc@example.org",)"
    R"("site.latitude":"46.2","site.longitude":"6.1","engines.light":"networks",)"
    R"("engines.light_networks":"192.0.2.0/24","engines.throughput":"nobody","administrator.user":"root"},)"
    R"("password":"ten characters","first_tests":["gateway"]})";

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

std::vector<std::string> groups_of(const Json& holder) {
  std::vector<std::string> keys;
  for (const Json& group : holder.find("groups")->items) keys.push_back(group.find("key")->text);
  return keys;
}

const Json* question_of(const Json& holder, const std::string& key) {
  for (const Json& group : holder.find("groups")->items)
    for (const Json& question : group.find("questions")->items)
      if (question.find("key")->text == key) return &question;
  return nullptr;
}

HttpRequest on_socket(ApiHouse& house, const std::string& method, const std::string& path,
                      const std::string& body = "") {
  auto request = house.request(method, path, body);
  request.is_local_socket = true;
  return request;
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
  CHECK(state.find("description")->kind == Json::Kind::null);
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
  const Json* description = state.find("description");
  REQUIRE(description->kind == Json::Kind::object);
  CHECK(description->find("known")->find("networks")->items.at(0).text == "198.51.100.0/24");
  CHECK(description->find("known")->find("addresses")->items.at(0).text == "198.51.100.9");
  CHECK(description->find("first_tests")->items.size() == 1);
  CHECK(groups_of(*description) == std::vector<std::string>{"host", "site", "engines", "administrator"});
  const Json* networks = question_of(*description, "engines.light_networks");
  REQUIRE(networks);
  CHECK(networks->find("suggestion")->text == "198.51.100.0/24");
  CHECK(networks->find("when")->items.at(0).find("key")->text == "engines.light");
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
  CHECK(config->site.latitude == 46.2);
  CHECK_FALSE(config->host);
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
      {"ten characters", "short", "administrator.password"},
      {"ten characters", "aaaaaaaaaaaa", "administrator.password"},
      {"\"password\":\"ten characters\",", "", "administrator.password"},
      {"\"password\":\"ten characters\"", "\"password_hash\":\"x\"", "password_hash"},
      {"\"root\"", "\"\"", "administrator.user"},
      {"\"root\"", "\"a\\nb\"", "administrator.user"},
      {"\"root\"", "\" root\"", "administrator.user"},
      {",\"administrator.user\":\"root\"", "", "administrator.user"},
      {"\"administrator.user\":\"root\"", "\"administrator.user\":\"root\",\"administrator.password\":\"x\"",
       "administrator.password"},
      {"192.0.2.0/24", "192.0.2.1/24", "engines.light_networks"},
      {"192.0.2.0/24", "", "engines.light_networks"},
      {"\"networks\",", "\"everybody\",", "engines.light"},
      {"\"nobody\"", "7", "answers.engines.throughput"},
      {"\"gateway\"", "\"other\"", "first_tests"},
      {"46.2", "91", "site.latitude"},
      {"46.2", "north", "site.latitude"},
      {"46.2", "", "site.longitude"},
      {"gva.example.org", "gva.example.org ", "host.name"},
      {"noc@example.org", "x", "site.contact"},
      {"\"site.place\"", "\"site.plaice\"", "site.plaice"},
      {"\"site.place\":\"Geneva\"", "\"network.ipv4\":\"off\"", "network.ipv4"},
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

TEST_CASE("what nobody was asked about is allowed to nobody") {
  ApiHouse house(false);
  const std::string wish =
      R"({"answers":{"host.name":"gva.example.org","administrator.user":"root"},"password":"ten characters"})";
  REQUIRE(house.send(with_code(house, "POST", house.access.setup_code().text(), wish)).status == 201);
  const auto config = house.node.snapshot()->config;
  REQUIRE(config->engine_rules);
  CHECK(config->engine_rules->empty());
}

TEST_CASE("an appliance is asked for its machine, and sets it by the answers") {
  ApiHouse house(false, false);
  house.node.facts = appliance_facts();
  const Json state = house.json(with_code(house, "GET", house.access.setup_code().text()));
  CHECK(fits(state, "SetupState"));
  CHECK(groups_of(*state.find("description")).size() == 8);
  CHECK(question_of(*state.find("description"), "data.device")->find("choices")->items.size() == 3);
  const std::string code = house.access.setup_code().text();
  const std::string network = R"("network.ipv4":"fixed","network.address4":"192.0.2.7/24","host.name")";
  const std::string wish = changed(kWish, "\"host.name\"", network);
  const auto without = house.send(with_code(house, "POST", code, wish));
  CHECK(body_of(without).find("field")->text == "data.device");
  const auto on_disk =
      house.send(with_code(house, "POST", code, changed(wish, "\"host.name\"", R"("data.device":"sda","host.name")")));
  CHECK(on_disk.status == 503);
  CHECK_FALSE(house.access.has_users());
  const auto done = house.send(
      with_code(house, "POST", code, changed(wish, "\"host.name\"", R"("data.device":"memory","host.name")")));
  INFO(done.body);
  REQUIRE(done.status == 201);
  const auto config = house.node.snapshot()->config;
  REQUIRE(config->host);
  CHECK(config->host->name == "gva.example.org");
  CHECK(config->host->measuring.v4.address->text() == "192.0.2.7/24");
}

TEST_CASE("with the hash of a password, as a file has it, set-up is for this host alone and logs nobody in") {
  ApiHouse house(false);
  const std::string hash = PasswordHasher().hash("ten characters").value();
  const std::string wish = changed(kWish, R"("password":"ten characters")", "\"password_hash\":\"" + hash + "\"");
  CHECK(house.send(with_code(house, "POST", house.access.setup_code().text(), wish)).status == 422);
  CHECK(house.send(on_socket(house, "POST", "/setup", changed(wish, "scrypt:15", "scrypt:9"))).status == 422);
  CHECK_FALSE(house.access.has_users());
  const auto done = house.send(on_socket(house, "POST", "/setup", wish));
  INFO(done.body);
  REQUIRE(done.status == 201);
  CHECK(fits(body_of(done), "Session"));
  CHECK(header_of(done, "Set-Cookie").empty());
  CHECK(house.send(house.request("POST", "/session", R"({"user":"root","password":"ten characters"})")).status == 200);
}

TEST_CASE("one answer is checked with the code, before set-up alone, and wrong codes count") {
  ApiHouse house(false);
  const std::string code = house.access.setup_code().text();
  const auto check = [&](const std::string& with, const std::string& body) {
    auto request = house.request("POST", "/setup/check", body);
    set_header(request, "Sonde-Setup-Code", with);
    return house.send(request);
  };
  const std::string mail = R"({"key":"site.contact","value":"nobody","answers":{"host.name":"a b"}})";
  CHECK(check("", mail).status == 403);
  const auto wrong = check(code, mail);
  CHECK(fits(body_of(wrong), "AnswerChecked"));
  CHECK(body_of(wrong).find("sentence")->text.find("an e-mail address") != std::string::npos);
  CHECK(body_of(check(code, R"({"key":"site.contact","value":"noc@example.org"})")).find("sentence")->text.empty());
  CHECK(check(code, R"({"key":"site.contact"})").status == 422);
  for (int i = 0; i < 4; ++i) check("0000000000", mail);
  CHECK(check("0000000000", mail).status == 429);
  CHECK(check(code, mail).status == 429);
  house.clock.advance(std::chrono::seconds(61));
  REQUIRE(house.send(with_code(house, "POST", code, kWish)).status == 201);
  CHECK(check(code, mail).status == 409);
}

TEST_CASE("before set-up the console sets the machine, and nothing else") {
  ApiHouse house(false);
  house.node.facts = appliance_facts();
  const auto patch = [&](const std::string& answers) {
    return house.send(on_socket(house, "PATCH", "/setup/answers", R"({"answers":)" + answers + "}"));
  };
  const auto done = patch(R"({"network.ipv4":"fixed","network.address4":"192.0.2.7/24","time.servers":"192.0.2.123"})");
  INFO(done.body);
  REQUIRE(done.status == 200);
  CHECK(fits(body_of(done), "SetupAnswers"));
  CHECK(body_of(done).find("answers")->find("network.address4")->text == "192.0.2.7/24");
  CHECK(house.node.snapshot()->config->host->time_servers == std::vector<std::string>{"192.0.2.123"});
  CHECK_FALSE(house.node.snapshot()->config->set_up);
  CHECK(patch(R"({"site.place":"Geneva"})").status == 409);
  CHECK(patch(R"({"administrator.user":"x"})").status == 422);
  CHECK(patch(R"({"network.mtu":"1"})").status == 422);
  auto outside = house.request("PATCH", "/setup/answers", R"({"answers":{"network.mtu":"1500"}})");
  set_header(outside, "Sonde-Setup-Code", house.access.setup_code().text());
  CHECK(house.send(outside).status == 403);
}

TEST_CASE("an administrator changes answers later: those named, and no others") {
  ApiHouse house;
  const auto before = house.node.snapshot()->config->site;
  const auto patch = [&](const std::string& body) {
    return house.send(house.as_admin("PATCH", "/setup/answers", body));
  };
  const auto done = patch(R"({"answers":{"site.place":"Lyon","site.communities":"LHC, US ATLAS"}})");
  INFO(done.body);
  REQUIRE(done.status == 200);
  const auto after = house.node.snapshot()->config->site;
  CHECK(after.place == "Lyon");
  CHECK(after.communities == std::vector<std::string>{"LHC", "US ATLAS"});
  CHECK(after.organisation == before.organisation);
  CHECK(body_of(patch(R"({"answers":{"site.contact":"x","site.place":"Bern"}})")).find("field")->text ==
        "site.contact");
  CHECK(house.node.snapshot()->config->site.place == "Lyon");
  CHECK(patch(R"({"answers":{"administrator.user":"eve"}})").status == 422);
  CHECK(patch(R"({"answers":{"data.device":"memory"}})").status == 422);
  CHECK(patch(R"({"answers":{"time.zone":"UTC"}})").status == 422);
  CHECK(patch(R"({"answers":[]})").status == 422);
  CHECK(patch(R"({})").status == 422);
  std::string many = R"({"key":"site.place","value":"Lyon","answers":{"a":"")";
  for (int i = 0; i < 100; ++i) many += ",\"x" + std::to_string(i) + "\":\"\"";
  CHECK(house.send(house.as_admin("POST", "/setup/answers/check", many + "}}")).status == 422);
  CHECK(groups_of(house.json(house.as_admin("GET", "/setup/answers"))) ==
        std::vector<std::string>{"host", "site", "engines"});
  const auto checked = house.json(house.as_admin(
      "POST", "/setup/answers/check", R"({"key":"site.longitude","value":"6.1","answers":{"site.latitude":""}})"));
  CHECK(checked.find("sentence")->text.find("both latitude and longitude") != std::string::npos);
}
