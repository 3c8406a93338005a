#include "core/setup/setup_file.h"

#include <catch2/catch.hpp>

#include "core/access/password.h"
#include "core/base/random.h"
#include "test/support/setup_facts.h"

using namespace sonde;
using namespace sonde::test;

namespace {

/// Of a password that nobody knows: made once, because one takes a tenth of a second.
const std::string& made_hash() {
  static const std::string kHash = [] {
    const auto random = system_random();
    std::string password;
    for (int i = 0; i < 20; ++i) password += static_cast<char>('a' + random->below(26));
    return PasswordHasher().hash(password).value();
  }();
  return kHash;
}

std::string good_text() {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- rack 7 -->
<sonde-setup version="1">
  <host name="sonde-gva.example.org"/>
  <network interface="eth0" ipv4="fixed" address4="192.0.2.7/24" gateway4="192.0.2.1" name-servers="192.0.2.53"/>
  <time zone="UTC" servers="ntp.example.org"/>
  <site place="Genève" contact="noc@example.org"/>
  <engines light="networks" light-networks="192.0.2.0/24" throughput="nobody"/>
  <administrator user="admin" password-hash=")" +
         made_hash() + R"("/>
  <data device="sdb"/>
</sonde-setup>
)";
}

SetupFileParsed parse(const std::string& text, const SetupFacts& facts = appliance_facts()) {
  return parse_setup_file(text, "sonde-setup.xml", facts);
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = good_text();
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a good file gives its answers and the hash") {
  const auto parsed = parse(good_text());
  INFO(parsed.sentence);
  REQUIRE(parsed.file);
  CHECK(parsed.file->password_hash == made_hash());
  CHECK(parsed.file->answers == Answers{{"host.name", "sonde-gva.example.org"},
                                        {"network.interface", "eth0"},
                                        {"network.ipv4", "fixed"},
                                        {"network.address4", "192.0.2.7/24"},
                                        {"network.gateway4", "192.0.2.1"},
                                        {"network.name_servers", "192.0.2.53"},
                                        {"time.zone", "UTC"},
                                        {"time.servers", "ntp.example.org"},
                                        {"site.place", "Genève"},
                                        {"site.contact", "noc@example.org"},
                                        {"engines.light", "networks"},
                                        {"engines.light_networks", "192.0.2.0/24"},
                                        {"engines.throughput", "nobody"},
                                        {"administrator.user", "admin"},
                                        {"data.device", "sdb"}});
  CHECK(parse("\xef\xbb\xbf" + good_text()).file);
}

TEST_CASE("what is written reads back the same") {
  const SetupFile file = *parse(good_text()).file;
  const auto again = parse(write_setup_file(file));
  INFO(again.sentence);
  REQUIRE(again.file);
  CHECK(again.file->answers == file.answers);
  CHECK(again.file->password_hash == file.password_hash);
}

TEST_CASE("every mistake in the file is refused with its line and column") {
  struct Break {
    const char *from, *to, *place, *sentence;
  };
  const auto each = GENERATE(values<Break>({
      {"<sonde-setup version=\"1\">", "<sonde-setup version=\"2\">", "line 3, column 14", "version=\"1\" alone"},
      {"<sonde-setup version=\"1\">", "<sonde-setup>", "line 3, column 2", "needs the attribute version"},
      {"<sonde-setup version=\"1\">", "<sonde-setup version=\"1\" set-up=\"yes\">", "line 3, column 26", "alone"},
      {"<host name", "<hots name", "line 4, column 4", "element \"hots\": allowed is one of host, network"},
      {"name=\"sonde-gva.example.org\"", "nmae=\"x\"", "line 4, column 9", "only name in <host>"},
      {"name=\"sonde-gva.example.org\"", "", "line 4, column 4", "host.name is missing"},
      {"<host name=\"sonde-gva.example.org\"/>", "", "line 3, column 2", "host.name is missing"},
      {"name=\"sonde-gva.example.org\"", "name=\"a b\"", "line 4, column 9", "allowed is a host name"},
      {"<host name=\"sonde-gva.example.org\"/>", "<host name=\"a\">text</host>", "line 4, column 18",
       "Text is not allowed"},
      {"<host name=\"sonde-gva.example.org\"/>", "<host name=\"a\"><b/></host>", "line 4, column 19",
       "there are no elements"},
      {"<host name=\"sonde-gva.example.org\"/>", "<host name=\"a\"/><host/>", "line 4, column 20",
       "<host> stands twice"},
      {"name=\"sonde-gva.example.org\"", "name=\"a\" name=\"b\"", "line 4, column 9", "each attribute once"},
      {"192.0.2.7/24", "192.0.2.0/24", "line 5, column 42", "not that of its network"},
      {"address4=\"192.0.2.7/24\" ", "", "line 5, column", "network.address4 is missing"},
      {"192.0.2.1\"", "198.51.100.1\"", "line 5, column 66", "in the network of this host's own"},
      {"ipv4=\"fixed\"", "ipv4=\"off\"", "line 5, column", "asked only when network.ipv4 is fixed"},
      {"zone=\"UTC\"", "zone=\"/etc/passwd\"", "line 6, column 9", "the name of a time zone"},
      {"light=\"networks\"", "light=\"some\"", "line 8, column 12", "one of nobody, networks, anyone"},
      {"user=\"admin\" ", "", "line 9, column 4", "administrator.user is missing"},
      {"password-hash=\"", "password-hash=\"x", "line 9, column 31", "sonde hash-password"},
      {"password-hash=\"scrypt:15", "password-hash=\"scrypt:1", "line 9, column 31", "no hash of a password"},
      {"password-hash", "password", "line 9, column 31", "a file holds its hash only"},
      {"password-hash=\"scrypt", "pasword=\"tell nobody", "line 9, column 31",
       "pasword: allowed is only user, password-hash"},
      {"sdb", "sdz", "line 10, column 9", "one of sda, sdb, memory"},
      {"<data device=\"sdb\"/>", "", "line 3, column 2", "data.device is missing"},
      {"<sonde-setup version", "<!DOCTYPE x [<!ENTITY a \"b\">]><sonde-setup version", "line 3", "DOCTYPE"},
      {"</sonde-setup>", "</sonde-setup><more/>", "line 11", "stands after the end"},
      {"</sonde-setup>", "", "line 1", "This is not XML"},
      {"<sonde-setup version", "<sonde version", "line", "This is not XML"},
      {"rack 7", "rack \xff", "line 2, column 11", "not UTF-8"},
  }));
  const auto parsed = parse(changed(each.from, each.to));
  INFO(each.to << " gave: " << parsed.sentence);
  CHECK_FALSE(parsed.file);
  if (std::string(each.sentence) != "This is not XML")
    CHECK(parsed.sentence.starts_with("sonde-setup.xml " + std::string(each.place)));
  CHECK(parsed.sentence.find(each.sentence) != std::string::npos);
  CHECK(std::count(parsed.sentence.begin(), parsed.sentence.end(), '\n') == 0);
}

TEST_CASE("a file without an administrator's password sets nothing up") {
  std::string text = good_text();
  const auto from = text.find(" password-hash"), to = text.find("/>", from);
  const auto parsed = parse(text.erase(from, to - from));
  CHECK(parsed.sentence == "sonde-setup.xml line 9, column 4: <administrator> needs the attribute password-hash.");
}

TEST_CASE("on another host a file says nothing of the machine") {
  const std::string text =
      "<sonde-setup version='1'><host name='gva.example.org'/><administrator user='admin' "
      "password-hash='" +
      made_hash() + "'/></sonde-setup>";
  CHECK(parse(text, ordinary_facts()).file);
  CHECK(parse(good_text(), ordinary_facts()).sentence.find("on the appliance only") != std::string::npos);
}

TEST_CASE("a file that is empty, too large or too deep is refused") {
  CHECK_FALSE(parse("").file);
  CHECK_FALSE(parse("<settings/>").file);
  CHECK(parse(good_text() + std::string(256 << 10, ' ')).sentence.find("larger than 256 KiB") != std::string::npos);
  std::string deep = "<sonde-setup version='1'>";
  for (int i = 0; i < 20'000; ++i) deep += "<a>";
  for (int i = 0; i < 20'000; ++i) deep += "</a>";
  CHECK(parse(deep + "</sonde-setup>").sentence.find("deeper than 64") != std::string::npos);
}

TEST_CASE("flipped and cut bytes of a set-up file are refused or read, no more") {
  const auto random = seeded_random(29);
  const std::string good = good_text();
  for (std::size_t cut = 0; cut + 2 < good.size(); cut += 3) CHECK_FALSE(parse(good.substr(0, cut)).file);
  for (int i = 0; i < 3000; ++i) {
    std::string bad = good;
    for (std::uint64_t n = random->below(6) + 1; n > 0; --n)
      bad[random->below(bad.size())] = static_cast<char>(random->next());
    const auto parsed = parse(bad);
    CHECK(parsed.file.has_value() == parsed.sentence.empty());
  }
}
