#include "core/config/host_element.h"

#include <catch2/catch.hpp>

#include "core/base/random.h"
#include "core/config/config_file.h"
#include "test/support/fake_probes.h"
#include "test/support/shell_key.h"

using namespace sonde;
using namespace sonde::test;

namespace {

const std::string kHost = R"(<sonde version="1">
  <site communities="LHC, US ATLAS" administrator="A. N. Other"/>
  <host name="sonde-gva" name-servers="192.0.2.53 2001:DB8::53" time-servers="ntp.example.org" zone="UTC">
    <!-- the rack says port 3 -->
    <measuring interface="eth0" ipv4="fixed" address4="192.0.2.7/24" gateway4="192.0.2.1" ipv6="fixed" address6="2001:db8::7/64" gateway6="fe80::1" vlan="7" mtu="9000"/>
    <managing interface="52:54:00:12:34:56" ipv4="fixed" address4="198.51.100.7/24" ipv6="off"/>
    <spare/>
  </host>
</sonde>
)";

ConfigParsed parse(const std::string& text) { return parse_config(text, "sonde.xml", fake_probes()); }

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kHost;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Config good() {
  auto parsed = parse(kHost);
  INFO(parsed.sentence);
  REQUIRE(parsed.config);
  return *parsed.config;
}

}  // namespace

TEST_CASE("what the machine should be is read from its element") {
  const Config config = good();
  REQUIRE(config.host);
  CHECK(config.site.communities == std::vector<std::string>{"LHC", "US ATLAS"});
  CHECK(config.site.administrator == "A. N. Other");
  CHECK(config.host->name == "sonde-gva");
  CHECK(config.host->name_servers.at(1).text() == "2001:db8::53");
  CHECK(config.host->measuring.v4.address->text() == "192.0.2.7/24");
  CHECK(config.host->measuring.v6.gateway->text() == "fe80::1");
  CHECK(config.host->measuring.vlan == 7);
  CHECK(config.host->measuring.mtu == 9000);
  REQUIRE(config.host->managing);
  CHECK(config.host->managing->v6.method == FamilySettings::Method::off);
  CHECK_FALSE(config.host->managing->v4.gateway);
}

TEST_CASE("a file without the element leaves the machine as it is") {
  CHECK_FALSE(parse("<sonde version='1'/>").config->host);
  CHECK(parse("<sonde version='1'><host/></sonde>").config->host == HostSettings{});
}

TEST_CASE("the machine's settings are written so that they read back, comments and unknown elements stay") {
  Config config = good();
  CHECK(write_config(config, kHost, fake_probes()).find("<!-- the rack says port 3 -->") != std::string::npos);
  CHECK(*parse(write_config(config, "", fake_probes())).config == config);
  config.host->shell_keys = {made_shell_key(), made_shell_key("\"quoted\" & <remark>")};
  config.host->measuring.v4 = {};
  config.host->measuring.mtu = 0;
  config.site.communities.clear();
  const std::string more = write_config(config, kHost, fake_probes());
  CHECK(*parse(more).config == config);
  CHECK(more.find("<spare") != std::string::npos);
  config.host->shell_keys.erase(config.host->shell_keys.begin());
  config.host->managing.reset();
  CHECK(*parse(write_config(config, more, fake_probes())).config == config);
  config.host.reset();
  CHECK(*parse(write_config(config, more, fake_probes())).config == config);
}

TEST_CASE("every rule of the machine's settings has a file that breaks it") {
  struct Break {
    const char *from, *to, *place, *sentence;
  };
  const auto each = GENERATE(values<Break>({
      {"name=\"sonde-gva\"", "name=\"sonde_gva\"", "line 3, column 9", "name \"sonde_gva\": allowed is a host name"},
      {"name=\"sonde-gva\"", "nmae=\"x\"", "line 3, column 9", "only name, name-servers, time-servers, zone in <host>"},
      {"2001:DB8::53", "dns.example.org", "line 3, column 26",
       "name-servers \"dns.example.org\": allowed is addresses"},
      {"2001:DB8::53", "192.0.2.53", "line 3, column 26", "each server once"},
      {"2001:DB8::53", "224.0.0.1", "line 3, column 26", "addresses of hosts"},
      {"2001:DB8::53", "192.0.2.1 192.0.2.2 192.0.2.3", "line 3, column 26", "at most 3"},
      {"ntp.example.org", "ntp.example.org/", "line 3, column 65", "time_servers \"ntp.example.org/\""},
      {"ntp.example.org", "ntp.example.org NTP.example.org", "line 3, column 65", "each server once"},
      {"ntp.example.org", "0.0.0.0", "line 3, column 65", "the address of one host"},
      {"ntp.example.org", "a b c d e f g h i", "line 3, column 65", "at most 8"},
      {"zone=\"UTC\"", "zone=\"../etc\"", "line 3, column 96", "zone \"../etc\": allowed is the name of a time zone"},
      {"interface=\"eth0\"", "interface=\"eth 0\"", "line 5, column 16",
       "interface \"eth 0\": allowed is an interface"},
      {"interface=\"eth0\"", "interface=\"lo\"", "line 5, column 16", "interface \"lo\""},
      {"52:54:00:12:34:56", "53:54:00:12:34:56", "line 6, column 15", "its hardware address"},
      {"52:54:00:12:34:56", "52-54-00-12-34-56", "line 6, column 15", "its hardware address"},
      {"ipv4=\"fixed\" address4=\"192.0.2.7/24\" gateway4=\"192.0.2.1\"", "ipv4=\"fixed\"", "line 5, column 6",
       "address4 is missing: a fixed address is needed"},
      {"ipv4=\"fixed\" address4=\"192.0.2.7", "ipv4=\"auto\" address4=\"192.0.2.7", "line 5, column 33",
       "ipv4 \"auto\": allowed is automatic, fixed or off"},
      {"ipv4=\"fixed\" address4=\"192.0.2.7", "ipv4=\"automatic\" address4=\"192.0.2.7", "line 5, column 50",
       "nothing while ipv4 is automatic"},
      {"ipv4=\"fixed\" address4=\"192.0.2.7/24\" gateway4", "ipv4=\"off\" gateway4", "line 5, column 44",
       "nothing while ipv4 is off"},
      {"192.0.2.7/24", "192.0.2.7", "line 5, column 46", "an address with its prefix length"},
      {"192.0.2.7/24", "192.0.2.0/24", "line 5, column 46", "not that of its network"},
      {"192.0.2.7/24", "192.0.2.255/24", "line 5, column 46", "not the broadcast address"},
      {"192.0.2.7/24", "224.0.0.7/24", "line 5, column 46", "the address of one host"},
      {"192.0.2.7/24", "127.0.0.7/24", "line 5, column 46", "the address of one host"},
      {"192.0.2.7/24", "240.0.0.7/24", "line 5, column 46", "the address of one host"},
      {"192.0.2.7/24", "169.254.0.7/24", "line 5, column 46", "that others can reach"},
      {"192.0.2.7/24", "192.0.2.7/0", "line 5, column 46", "with its prefix length"},
      {"192.0.2.7/24", "2001:db8:1::7/64", "line 5, column 46", "an IPv4 address"},
      {"2001:db8::7/64", "192.0.2.9/24", "line 5, column 104", "an IPv6 address"},
      {"2001:db8::7/64", "fe80::7/64", "line 5, column 104", "that others can reach"},
      {"2001:db8::7/64", "ff02::7/64", "line 5, column 104", "the address of one host"},
      {"2001:db8::7/64", "2001:db8::/64", "line 5, column 104", "not that of its network"},
      {"192.0.2.1\"", "198.51.100.1\"", "line 5, column 70",
       "an address in the network of this host's own, 192.0.2.0/24"},
      {"192.0.2.1\"", "192.0.2.7\"", "line 5, column 70", "not this host's own"},
      {"192.0.2.1\"", "fe80::1\"", "line 5, column 70", "an IPv4 address"},
      {"192.0.2.1\"", "router\"", "line 5, column 70", "gateway4 \"router\": allowed is an address"},
      {"192.0.2.1\"", "239.0.0.1\"", "line 5, column 70", "the address of one router"},
      {"fe80::1", "2001:db8:9::1", "line 5, column 130", "an address in the network of this host's own"},
      {"fe80::1", "fe80::1%lo", "line 5, column 130", "gateway6"},
      {"vlan=\"7\"", "vlan=\"4095\"", "line 5, column 149", "0 (none), or 1 to 4094"},
      {"vlan=\"7\"", "vlan=\"-1\"", "line 5, column 149", "a whole number"},
      {"mtu=\"9000\"", "mtu=\"1279\"", "line 5, column 158", "1280, which IPv6 needs"},
      {"mtu=\"9000\"", "mtu=\"9217\"", "line 5, column 158", "to 9216"},
      {"ipv6=\"off\"", "ipv6=\"off\" vlan=\"7\" mtu=\"1\"", "line 6, column 105", "mtu \"1\""},
      {"ipv4=\"fixed\" address4=\"198.51.100.7/24\" ipv6=\"off\"", "ipv4=\"off\" ipv6=\"off\"", "line 6, column 56",
       "because IPv4 is off, too"},
      {"interface=\"52:54:00:12:34:56\" ipv4", "interface=\"ETH0\" vlan=\"7\" ipv4", "line 6, column 15",
       "another interface than the measuring one"},
      {"interface=\"52:54:00:12:34:56\" ipv4", "vlan=\"7\" ipv4", "line 6, column", "an interface by its name"},
      {"198.51.100.7/24", "192.0.2.8/24", "line 6, column 58", "in another network than the measuring interface's"},
      {"<spare/>", "<managing/>", "line 7, column 6", "<managing> stands twice"},
      {"<spare/>", "<shell-key/>", "line 7, column 6", "<shell-key> needs the attribute key"},
      {"<spare/>", "<shell-key key=\"hello\"/>", "line 7, column 16", "one OpenSSH public key"},
      {"LHC, US ATLAS", "LHC, LHC", "line 2, column 9", "each community once"},
      {"A. N. Other", "A. N. Other ", "line 2, column 37", "text without blanks"},
  }));
  const ConfigParsed parsed = parse(changed(each.from, each.to));
  INFO(each.to << " gave: " << parsed.sentence);
  CHECK_FALSE(parsed.config);
  CHECK(parsed.sentence.starts_with("sonde.xml " + std::string(each.place)));
  CHECK(parsed.sentence.find(each.sentence) != std::string::npos);
}

TEST_CASE("one community too many is refused") {
  Config config = good();
  config.site.communities.clear();
  for (int i = 0; i < 33; ++i) config.site.communities.push_back("c" + std::to_string(i));
  CHECK(check(config, fake_probes())->sentence.find("at most 32") != std::string::npos);
  config.site.communities.pop_back();
  CHECK_FALSE(check(config, fake_probes()));
}

TEST_CASE("flipped and cut bytes in the machine's settings are refused or read, no more") {
  const auto random = seeded_random(23);
  for (int i = 0; i < 3000; ++i) {
    std::string bad = kHost;
    for (std::uint64_t n = random->below(6) + 1; n > 0; --n)
      bad[random->below(bad.size())] = static_cast<char>(random->next());
    const auto parsed = parse(bad.substr(0, random->below(4) ? bad.size() : random->below(bad.size())));
    CHECK(parsed.config.has_value() == parsed.sentence.empty());
  }
}
