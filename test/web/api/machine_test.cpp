// The machine underneath: who may ask for what, and what needs a password or a typed serial number.
#include "web/machine.h"

#include <catch2/catch.hpp>

#include "test/web/api/api_house.h"
#include "web/api/snapshot_json.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;
using Catch::Contains;

namespace {

using Words = std::vector<std::string>;

std::string sentence_of(const HttpResponse& response) { return body_of(response).find("sentence")->text; }
std::string field_of(const HttpResponse& response) { return body_of(response).find("field")->text; }

HttpRequest upload(ApiHouse& house, const std::string& target, const std::string& file) {
  auto request = house.as_admin("PUT", target, file);
  set_header(request, "Content-Type", "application/octet-stream");
  return request;
}

}  // namespace

TEST_CASE("an administrator is told the machine: data, drives, systems, work") {
  ApiHouse house;
  const Json machine = house.json(house.as_admin("GET", "/machine"));
  CHECK(machine.find("data")->find("in_memory")->boolean);
  CHECK_FALSE(machine.find("data")->find("encrypted")->boolean);
  const auto& drives = machine.find("drives")->items;
  CHECK(drives[0].find("proof")->text == "disk0");
  CHECK(drives[1].find("proof")->text == "vdb1");
  CHECK(machine.find("systems")->find("slots")->items[0].find("state")->text == "runs");
  CHECK(machine.find("systems")->find("slots")->items[1].find("state")->text == "empty");
  CHECK(machine.find("systems")->find("development")->boolean);
  CHECK(machine.find("work")->find("done_bytes")->integer == 10);
  CHECK(machine.find("image")->find("state")->text == "none");
}

TEST_CASE("the slot that does not run tells what the next start does with it") {
  ApiHouse house;
  const auto other = [&](const std::string& trial, bool tried, char running, char trusted) {
    house.machine.now.slots[1].version = "0.3.0";
    house.machine.now.trial = trial;
    house.machine.now.tried = tried;
    house.machine.now.running = running;
    house.machine.now.trusted = trusted;
    house.machine.now.on_trial = running != trusted;
    const Json machine = house.json(house.as_admin("GET", "/machine"));
    const auto& slots = machine.find("systems")->find("slots")->items;
    return slots[0].find("state")->text + " " + slots[1].find("state")->text;
  };
  CHECK(other("", false, 'a', 'a') == "runs before");
  CHECK(other("b", false, 'a', 'a') == "runs next");
  CHECK(other("b", true, 'a', 'a') == "runs failed");
  CHECK(other("b", true, 'b', 'a') == "falls_back on_trial");
  CHECK(other("", false, 'b', 'b') == "before runs");
}

TEST_CASE("where there is no root helper nothing of a machine is offered") {
  ApiHouse house(true, false);
  CHECK(house.send(house.as_admin("GET", "/machine")).status == 404);
  for (const char* path : {"/machine/data", "/machine/install", "/machine/image/fetch", "/machine/upgrade",
                           "/machine/go-back", "/machine/restart", "/machine/power-off"}) {
    INFO(path);
    const auto refused = house.send(house.as_admin("POST", path, "{}"));
    CHECK(refused.status == 404);
    CHECK_THAT(sentence_of(refused), Contains("no live appliance"));
  }
  CHECK(house.send(upload(house, "/machine/image", "x")).status == 404);
  CHECK(house.json(house.as_viewer("GET", "/node")).find("machine")->kind == Json::Kind::null);
}

TEST_CASE("a drive's choice reaches the machine with who asked; its refusal stands at the field") {
  ApiHouse house;
  CHECK(
      house.send(house.as_admin("POST", "/machine/data", R"({"drive":"vda","typed":"disk0","format":true})")).status ==
      202);
  CHECK(house.send(house.as_admin("POST", "/machine/install", R"({"drive":"vda","typed":"disk0"})")).status == 202);
  CHECK(house.machine.asked == Words{"data vda disk0 format by alice", "install vda disk0 by alice"});
  CHECK(house.send(house.as_admin("POST", "/machine/data", "{}")).status == 422);
  CHECK(house.send(house.as_admin("POST", "/machine/install", R"({"drive":"vda","format":true})")).status == 422);
  house.machine.refusal = Problem{422, "typed", "Look which drive is meant."};
  const auto refused = house.send(house.as_admin("POST", "/machine/data", R"({"drive":"vda","typed":"x"})"));
  CHECK(refused.status == 422);
  CHECK(field_of(refused) == "typed");
}

TEST_CASE("going back needs the password of who is logged in, and wrong ones count as failed logins") {
  ApiHouse house;
  const auto back = [&](const std::string& body) {
    return house.send(house.as_admin("POST", "/machine/go-back", body));
  };
  CHECK(field_of(back("{}")) == "password");
  auto wrong = back(R"({"password":"not this one"})");
  CHECK(wrong.status == 422);
  CHECK(sentence_of(wrong) == "The password is wrong.");
  for (int tries = 0; wrong.status == 422 && tries < 20; ++tries) wrong = back(R"({"password":"not this one"})");
  // the next try of that account waits, a right one and a login too
  const auto waiting = back(R"({"password":"correct horse battery"})");
  CHECK(waiting.status == 429);
  CHECK_FALSE(header_of(waiting, "Retry-After").empty());
  CHECK(
      house.send(house.request("POST", "/session", R"({"user":"alice","password":"correct horse battery"})")).status ==
      429);
  CHECK(house.machine.asked.empty());
  house.clock.advance(std::chrono::hours(1));
  CHECK(back(R"({"password":"correct horse battery"})").status == 202);
  CHECK(house.machine.asked == Words{"back by alice"});
}

TEST_CASE("an older image is written only with the password, and a token has none") {
  ApiHouse house;
  const auto upgrade = [&](const std::string& body) {
    return house.send(house.as_admin("POST", "/machine/upgrade", body));
  };
  CHECK(upgrade("{}").status == 202);
  CHECK(field_of(upgrade(R"({"older":true})")) == "password");
  CHECK(upgrade(R"({"older":true,"password":"correct horse battery"})").status == 202);
  CHECK(house.machine.asked == Words{"upgrade", "older"});
  const Json token = house.json(
      house.as_admin("POST", "/tokens", R"({"name":"a","role":"administrator","expires":"2027-06-01T00:00:00Z"})"));
  for (const char* path : {"/machine/upgrade", "/machine/go-back"}) {
    auto by_token = house.request("POST", path,
                                  std::string(R"({"password":"correct horse battery")") +
                                      (std::string(path).ends_with("upgrade") ? R"(,"older":true})" : "}"));
    set_header(by_token, "Authorization", "Bearer " + token.find("token")->text);
    CHECK(house.send(by_token).status == 403);
  }
  CHECK(house.machine.asked.size() == 2);
}

TEST_CASE("on the node's own socket no password is asked for") {
  ApiHouse house;
  auto local = house.request("POST", "/machine/go-back", "{}");
  local.is_local_socket = true;
  CHECK(house.send(local).status == 202);
  CHECK(house.machine.asked == Words{"back by command line"});
}

TEST_CASE("an upload is an octet stream of at most a slot's size, and comes to the machine whole") {
  ApiHouse house;
  CHECK(house.send(upload(house, "/machine/image?older=1", "twenty octets of iso")).status == 200);
  CHECK(house.machine.taken == "twenty octets of iso");
  CHECK(house.machine.asked == Words{"image of 20 older"});
  CHECK(house.send(house.as_admin("PUT", "/machine/image", "{}")).status == 415);
  CHECK(house.send(upload(house, "/machine/image?older=perhaps", "x")).status == 422);
  auto another_site = upload(house, "/machine/image", "x");
  set_header(another_site, "Origin", "https://evil.example.org");
  CHECK(house.send(another_site).status == 403);
  auto without_token = upload(house, "/machine/image", "x");
  drop_header(without_token, "Sonde-CSRF");
  CHECK(house.send(without_token).status == 403);
  CHECK(house.api.intake(upload(house, "/machine/image", "")).max_body == std::uint64_t{1} << 30);
  house.machine.refusal = Problem{422, "", "The image carries no signature: nobody vouches for it."};
  const auto refused = house.send(upload(house, "/machine/image", "x"));
  CHECK(refused.status == 422);
  CHECK_THAT(sentence_of(refused), Contains("no signature"));
}

TEST_CASE("every page is told where data are kept; the public is not") {
  ApiHouse house;
  house.node.set([&](Snapshot& now) { now.machine = std::make_shared<MachineView>(house.machine.now); });
  const Json node = house.json(house.as_viewer("GET", "/node"));
  CHECK(node.find("machine")->find("in_memory")->boolean);
  const auto told = [&](bool sees_all) {
    return parse_json(snapshot_event_json(*house.node.snapshot(), sees_all)).value->find("machine")->kind;
  };
  CHECK(told(true) == Json::Kind::object);
  CHECK(told(false) == Json::Kind::null);
}

TEST_CASE("set-up keeps data on a drive once its serial number was typed, and only when it commits") {
  ApiHouse house(false);
  house.node.facts.appliance = true;
  house.node.facts.disks = {{"vda", "Drive", 1 << 30, "empty", false, "disk0"}};
  const auto wish = [&](const std::string& more, const std::string& password) {
    auto request = house.request("POST", "/setup",
                                 R"({"answers":{"host.name":"gva.example.org","administrator.user":"root",)"
                                 R"("data.device":"vda"},"password":")" +
                                     password + "\"" + more + "}");
    set_header(request, "Sonde-Setup-Code", house.access.setup_code().text());
    return request;
  };
  house.machine.refusal = Problem{422, "typed", "Type its serial number."};
  const auto refused = house.send(wish("", "ten characters"));
  CHECK(field_of(refused) == "data_typed");
  CHECK_FALSE(house.access.has_users());
  house.machine.refusal.reset();
  CHECK(house.send(wish(R"(,"data_typed":"disk0")", "short")).status == 422);
  house.machine.asked.clear();
  const auto done = house.send(wish(R"(,"data_typed":"disk0")", "ten characters"));
  INFO(done.body);
  CHECK(done.status == 201);
  CHECK(house.machine.asked == Words{"check vda disk0 format", "data vda disk0 format by root"});
}
