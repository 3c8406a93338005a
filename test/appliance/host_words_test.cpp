// What the root helper answers to whoever may open its socket: nothing in a request is trusted.
#include "appliance/host_words.h"

#include <catch2/catch.hpp>

#include "test/appliance/made_up_host.h"

using namespace sonde;
using namespace sonde::test;
using Catch::Contains;

namespace {

std::string refused(const Json& answer) {
  const Json* found = answer.find("refused");
  return found ? found->text : "";
}
std::string refused(const std::string& answer) { return refused(*parse_json(answer).value); }

}  // namespace

TEST_CASE_METHOD(MadeUpHost, "what is no request is refused with a sentence") {
  for (const char* request :
       {"", "x", "[]", "42", "\"state\"", "{\"word\":", "{\"word\":\"state\"} and more", "\xff\xfe"})
    CHECK(refused(answer(request)) == "The request cannot be read.");
  for (const char* request : {"{}", R"({"word":7})", R"({"word":["state"]})", R"({"word":"format"})",
                              R"({"word":"state;reboot"})", R"({"word":"/usr/bin/sh"})", R"({"word":"STATE"})"})
    CHECK(refused(answer(request)) == "The root helper does not know this word.");
  std::string deep = R"({"word":"state","arguments":)";
  for (int i = 0; i < 5000; ++i) deep += "[";
  CHECK(refused(answer(deep)) == "The request cannot be read.");
}

TEST_CASE_METHOD(MadeUpHost, "a huge request is refused, whole or cut off") {
  const std::string filling(1 << 20, 'x');
  CHECK(refused(answer(R"({"word":")" + filling + "\"}")) == "The root helper does not know this word.");
  CHECK(refused(answer(R"({"word":"state","arguments":{"a":")" + filling)) == "The request cannot be read.");
  CHECK_THAT(refused(ask("use-data", R"({"disk":")" + filling + "\"}")), Contains("There is no drive"));
}

TEST_CASE_METHOD(MadeUpHost, "arguments of another kind are as good as none") {
  for (const char* arguments : {"[]", "7", "null", R"("vdb")", R"({"disk":["vdb"],"format":"yes"})"}) {
    CHECK_THAT(refused(ask("use-data", arguments)), Contains("There is no drive"));
    CHECK_THAT(refused(ask("mend", arguments)), Contains("no such setting"));
  }
  CHECK(drives.touched.empty());
}

TEST_CASE_METHOD(MadeUpHost, "the state tells drives with what is needed to choose one") {
  const Json state = ask("state");
  std::vector<std::string> told;
  for (const Json& one : state.find("disks")->items)
    told.push_back(one.find("name")->text + " " + one.find("serial")->text +
                   (one.find("whole")->boolean ? " whole" : "") +
                   (one.find("no_install")->text.empty() ? " may be installed on" : ""));
  CHECK(told == std::vector<std::string>{"vda5 ", "vdb disk1 whole may be installed on", "vdc  whole"});
  CHECK(state.find("data")->find("device")->text.empty());
  CHECK_FALSE(state.find("watchdog")->boolean);
}

TEST_CASE_METHOD(MadeUpHost, "data go to no drive whose serial number is another, and none is formatted unasked") {
  CHECK_THAT(refused(ask("use-data")), Contains("There is no drive"));
  CHECK_THAT(refused(ask("use-data", R"({"disk":"vdz","serial":"disk1","format":true})")),
             Contains("no drive or partition vdz"));
  CHECK_THAT(refused(ask("use-data", R"({"disk":"../vdb","serial":"disk1","format":true})")),
             Contains("There is no drive"));
  CHECK_THAT(refused(ask("use-data", R"({"disk":"vda","serial":"disk0","format":true})")),
             Contains("There is no drive"));
  CHECK_THAT(refused(ask("use-data", R"({"disk":"vdb","format":true})")), Contains("is disk1, not"));
  CHECK_THAT(refused(ask("use-data", R"({"disk":"vdb","serial":"disk0","format":true})")),
             Contains("is disk1, not disk0"));
  CHECK_THAT(refused(ask("use-data", R"({"disk":"vdc","serial":"made up","format":true})")), Contains("is not known"));
  CHECK_THAT(refused(ask("use-data", R"({"disk":"vdb","serial":"disk1"})")), Contains("must be formatted"));
  CHECK_THAT(refused(ask("use-data", R"({"disk":"vdb","serial":"disk1","format":"true"})")),
             Contains("must be formatted"));
  CHECK(drives.touched.empty());
}

TEST_CASE_METHOD(MadeUpHost, "words of the slots reach them, and their refusals are told alike") {
  CHECK(ask("slots").find("installed")->boolean);
  CHECK(ask("slots").find("slots")->items[0].find("signed_by")->text.size() == 16);
  CHECK(ask("confirm").find("sentence")->text == "The system that runs is trusted from now on.");
  booted("sonde.id=1");
  HostSlotWords from_medium{places};
  const Json told =
      *parse_json(answer_host(R"({"word":"go-back"})", {data, network, watch, from_medium, setup_file}, asker)).value;
  CHECK_THAT(refused(told), Contains("there are no slots"));
}

TEST_CASE_METHOD(MadeUpHost, "the node lets no key in; at the console only those that wait come in") {
  const std::string keys = R"({"keys":["ssh-ed25519 AAAA somebody"]})";
  CHECK_THAT(refused(ask("accept-keys", keys)), Contains("at the machine's console only"));
  asker = HostAsker::root;
  for (const std::string& nothing : {keys, std::string("{}"), std::string(R"({"keys":"all"})"), std::string("[]")})
    CHECK_THAT(refused(ask("accept-keys", nothing)), Contains("None of these keys waits"));
}
