// Set-up by a file, as its operator does it.
#include <catch2/catch.hpp>
#include <fstream>

#include "core/access/secret.h"
#include "core/base/random.h"
#include "test/appliance/running_node.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;

namespace {

std::string write(const TemporaryFolder& folder, const std::string& body) {
  const std::string path = folder / "sonde-setup.xml";
  std::ofstream(path) << "<sonde-setup version=\"1\">\n" << body << "</sonde-setup>\n";
  return path;
}

}  // namespace

TEST_CASE("a file sets the running node up, once, and a wrong one changes nothing and says where") {
  const TemporaryFolder folder;
  const RunningNode node(folder / "data", own_port_offset());
  const std::string data = " --data " + node.data(), password = random_hex(12);
  const Ran hash = run("echo " + password + " | " SONDE_EXECUTABLE " hash-password");
  REQUIRE(hash.code == 0);
  REQUIRE(hash.said.starts_with("scrypt:"));
  const std::string administrator =
      "  <administrator user=\"admin\" password-hash=\"" + hash.said.substr(0, hash.said.size() - 1) + "\"/>\n";

  const std::string wrong =
      write(folder, "  <host name=\"fresh.example.org\"/>\n  <site contact=\"x\"/>\n" + administrator);
  for (const char* how : {"", " --check"}) {
    const Ran refused = sonde_command("setup-file " + wrong + data + how);
    CHECK(refused.code == 1);
    CHECK(refused.said.find("sonde-setup.xml line 3, column 9: contact \"x\": allowed is") == 0);
  }
  CHECK_FALSE(node.get("/health").find("set_up")->boolean);

  const std::string good =
      write(folder, "  <host name=\"fresh.example.org\"/>\n  <site communities=\"LHC, US ATLAS\"/>\n" + administrator);
  CHECK(sonde_command("setup-file " + good + data + " --check").code == 0);
  CHECK_FALSE(node.get("/health").find("set_up")->boolean);
  const Ran done = sonde_command("setup-file " + good + data);
  INFO(done.said);
  REQUIRE(done.code == 0);
  CHECK(node.get("/health").find("set_up")->boolean);
  CHECK(node.get("/setup/answers").find("answers")->find("site.communities")->text == "LHC, US ATLAS");
  CHECK(node.ask("POST", "/api/v1/session", R"({"user":"admin","password":")" + password + "\"}").status == 200);

  const Ran again = sonde_command("setup-file " + good + data);
  CHECK(again.code == 1);
  CHECK(again.said.find("set up already") != std::string::npos);
}

TEST_CASE("a set-up file that is not there, and a password too short for a hash, are told") {
  const TemporaryFolder folder;
  const Ran none = sonde_command("setup-file " + (folder / "none.xml") + " --check");
  CHECK(none.code == 1);
  CHECK(none.said.find("There is no file") != std::string::npos);
  CHECK(run("echo short | " SONDE_EXECUTABLE " hash-password").code == 1);
}
