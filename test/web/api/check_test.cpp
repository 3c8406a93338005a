// Whether the host is fit to measure, as the API tells it and to whom.
#include <catch2/catch.hpp>

#include "test/web/api/api_house.h"

using namespace sonde;
using namespace sonde::test;
using namespace sonde::web;

TEST_CASE("the report comes worst first, with what to type, and with every row of the table") {
  ApiHouse house;
  const Json report = house.json(house.as_viewer("GET", "/check"));
  const Json& first = report.find("findings")->items.at(0);
  CHECK(first.find("id")->text == "clock.synchronised");
  CHECK(first.find("state")->text == "bad");
  CHECK(first.find("command")->text.find("apt install chrony") == 0);
  CHECK(report.find("counts")->find("bad")->integer == 1);
  CHECK(report.find("stretch_s")->kind == Json::Kind::null);
  CHECK(report.find("tuning")->items.size() == tuning_table().size());
  CHECK(report.find("can_mend")->boolean);
  CHECK(report.find("mend_sentence")->text.empty());
}

TEST_CASE("devices are told to who is logged in only, also where the public may read") {
  ApiHouse house;
  house.node.set_config([](Config& config) { config.settings.public_reading = true; });
  CHECK(house.send(house.request("GET", "/check")).status == 401);
  CHECK(house.send(house.request("GET", "/node")).body.find("fitness") == std::string::npos);
  CHECK(house.send(house.as_viewer("GET", "/check")).status == 200);
  const Json node = house.json(house.as_viewer("GET", "/node"));
  CHECK(node.find("fitness")->find("bad")->integer == 1);
  CHECK(node.find("fitness")->find("sentence")->text.find("1 thing is bad") == 0);
  CHECK(node.find("clock_steps")->integer == 0);
}

TEST_CASE("before the first look nothing is made up") {
  ApiHouse house;
  house.node.set([](Snapshot& now) { now.fitness = nullptr; });
  CHECK(house.send(house.as_viewer("GET", "/check")).status == 503);
  CHECK(house.json(house.as_viewer("GET", "/node")).find("fitness")->kind == Json::Kind::null);
}

TEST_CASE("an administrator has a finding mended; others, other findings and other hosts are refused with a sentence") {
  ApiHouse house;
  CHECK(house.send(house.as_admin("POST", "/check/nic.eth0.ring/mend")).status == 204);
  CHECK(house.node.mended == std::vector<std::string>{"nic.eth0.ring"});
  CHECK(house.send(house.as("olga", "POST", "/check/nic.eth0.ring/mend")).status == 403);
  CHECK(house.send(house.as_admin("POST", "/check/nic.eth9.ring/mend")).status == 404);
  CHECK(house.send(house.as_admin("POST", "/check/clock.synchronised/mend")).status == 409);
  house.node.set([](Snapshot& now) { now.can_mend = false; });
  CHECK(house.send(house.as_admin("POST", "/check/nic.eth0.ring/mend")).status == 409);
  const Json report = house.json(house.as_viewer("GET", "/check"));
  CHECK_FALSE(report.find("can_mend")->boolean);
  CHECK(report.find("mend_sentence")->text.find("no live appliance") != std::string::npos);
  CHECK(house.node.mended.size() == 1);
}
