#include "core/config/host_rules.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "core/config/rules.h"
#include "test/support/fake_probes.h"
#include "test/support/shell_key.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;

namespace {

HostSettings sample() {
  HostSettings host;
  host.name = "sonde-gva.example.org";
  host.measuring.interface = "eth0";
  host.measuring.v4 = {FamilySettings::Method::fixed, HostAddress::parse("192.0.2.7/24"),
                       IpAddress::parse("192.0.2.1")};
  host.managing = InterfaceSettings{.interface = "eth1"};
  return host;
}

}  // namespace

TEST_CASE("without a word said the machine's settings keep every rule") {
  CHECK_FALSE(check_host_settings({}));
  CHECK_FALSE(check_host_settings(sample()));
}

TEST_CASE("the problem of a machine's setting is one of the configuration") {
  Config config;
  config.host = sample();
  CHECK_FALSE(check(config, fake_probes()));
  config.host->managing->mtu = 1279;
  const auto problem = check(config, fake_probes());
  REQUIRE(problem);
  CHECK(problem->section == "host");
  CHECK(problem->field == "managing.mtu");
}

TEST_CASE("names of a host are those of RFC 1123, at most 64 characters as the kernel takes them") {
  for (const char* good : {"", "sonde", "sonde-gva.example.org", "3com"}) CHECK(check_own_name("name", good).empty());
  CHECK(check_own_name("name", std::string(60, 'a')).empty());
  for (const std::string& bad : {std::string("a_b"), std::string("a."), std::string("-a"), std::string("a b"),
                                 std::string("192.0.2.7"), std::string("localhost"), std::string(65, 'a')})
    CHECK_FALSE(check_own_name("name", bad).empty());
}

TEST_CASE("a zone is a file of the folder of zones, and nothing beside it") {
  const TemporaryFolder zones;
  std::filesystem::create_directories(zones / "Europe");
  std::ofstream(zones / "Europe/Zurich") << "TZif2";
  std::ofstream(zones / "zone.tab") << "# table";
  std::ofstream(zones / "leapseconds") << "# table";
  const auto ok = [&](const std::string& zone) { return check_zone("zone", zone, zones.path()).empty(); };
  CHECK(ok("Europe/Zurich"));
  CHECK(ok("UTC"));
  for (const char* bad : {"", "Europe", "Europe/", "Europe/Zürich", "Europe/Geneva", "/Europe/Zurich", "Europe//Zurich",
                          "Europe/../Europe/Zurich", "zone.tab", "leapseconds", "Europe/Zurich "})
    CHECK_FALSE(ok(bad));
  CHECK(check_zone("zone", "Europe/Geneva", zones / "no such folder").empty());
}

TEST_CASE("a shell key is one public key as OpenSSH writes it, and a private one is told to stay at home") {
  CHECK(check_shell_key("shell_keys", made_shell_key()).empty());
  CHECK(check_shell_key("shell_keys", made_shell_key("")).empty());
  const std::string key = made_shell_key("");
  for (const std::string& bad :
       {std::string(), std::string("ssh-ed25519"), std::string("ssh-ed25519 AAAA"), key.substr(0, key.size() - 4),
        "command=\"sh\" " + key, "ssh-rsa" + key.substr(11), key + "\n" + key, "ssh-dss" + key.substr(11)})
    CHECK_FALSE(check_shell_key("shell_keys", bad).empty());
  CHECK(check_shell_key("shell_keys", "-----BEGIN OPENSSH PRIVATE KEY-----").find("private key") != std::string::npos);
}

TEST_CASE("too many keys, and one key with two remarks, are refused") {
  HostSettings host;
  for (int i = 0; i < 16; ++i) host.shell_keys.push_back(made_shell_key());
  CHECK_FALSE(check_host_settings(host));
  const std::string again = host.shell_keys[3].substr(0, host.shell_keys[3].rfind(' ')) + " other";
  host.shell_keys[15] = again;
  CHECK(check_host_settings(host)->field == "shell_keys.15");
  host.shell_keys[15] = made_shell_key();
  host.shell_keys.push_back(made_shell_key());
  CHECK(check_host_settings(host)->sentence.find("at most 16") != std::string::npos);
}

TEST_CASE("a network of two addresses has no room for a network and a broadcast address") {
  HostSettings host = sample();
  for (const char* good : {"192.0.2.6/31", "192.0.2.7/31"}) {
    host.measuring.v4 = {FamilySettings::Method::fixed, HostAddress::parse(good), {}};
    CHECK_FALSE(check_host_settings(host));
  }
}
