#include "core/host/network_plan.h"

#include <catch2/catch.hpp>

#include "core/host/clock_plan.h"
#include "core/host/firewall_plan.h"
#include "core/host/source_routes.h"

namespace sonde {
namespace {

using Catch::Matchers::Contains;
using Method = FamilySettings::Method;

InterfaceState card(const std::string& name, int index, bool link, std::vector<std::string> addresses = {}) {
  InterfaceState state;
  state.name = name;
  state.index = index;
  state.up = true;
  state.running = link;
  state.hardware_address = "52:54:00:00:00:0" + std::to_string(index);
  for (const std::string& text : addresses) {
    const auto own = *HostAddress::parse(text);
    state.addresses.push_back({own.address, own.length});
  }
  return state;
}

const std::vector<InterfaceState> kTwo = {card("eth0", 2, false), card("eth1", 3, true)};

FamilySettings fixed(const std::string& address, const std::string& gateway = {}) {
  FamilySettings settings{.method = Method::fixed, .address = HostAddress::parse(address)};
  if (!gateway.empty()) settings.gateway = IpAddress::parse(gateway);
  return settings;
}

}  // namespace

TEST_CASE("without settings the first interface with a link measures, and everything is automatic") {
  const NetworkPlan plan = plan_network({}, kTwo);
  CHECK(plan.measuring == "eth1");
  CHECK(plan.managing.empty());
  CHECK(plan.resolv_conf.empty());
  CHECK_THAT(plan.dhcpcd_conf, !Contains("static ip"));
  CHECK(plan.sentences.empty());
}

TEST_CASE("fixed addresses, a VLAN, an MTU and name servers reach dhcpcd, the links and resolv.conf") {
  HostSettings settings;
  settings.measuring = {.interface = "52:54:00:00:00:02",
                        .v4 = fixed("192.0.2.7/24", "192.0.2.1"),
                        .v6 = fixed("2001:db8::7/64", "fe80::1"),
                        .vlan = 42,
                        .mtu = 9000};
  settings.name_servers = {*IpAddress::parse("192.0.2.53")};
  const NetworkPlan plan = plan_network(settings, kTwo);
  CHECK(plan.measuring == "eth0.42");
  CHECK(plan.vlans == std::vector<NetworkPlan::Vlan>{{"eth0.42", "eth0", 42}});
  CHECK(plan.mtus == std::vector<NetworkPlan::Mtu>{{"eth0", 9000}, {"eth0.42", 9000}});
  CHECK(plan.gateways == std::vector<NetworkPlan::Gateway>{{"eth0.42", *IpAddress::parse("fe80::1"), 100}});
  CHECK(plan.resolv_conf == "nameserver 192.0.2.53\n");
  CHECK_THAT(plan.dhcpcd_conf, Contains("interface eth0\nnoipv4\nnoipv6\n"));
  CHECK_THAT(plan.dhcpcd_conf,
             Contains("interface eth0.42\nmetric 100\nstatic ip_address=192.0.2.7/24\nstatic routers=192.0.2.1\n"
                      "noipv6rs\nstatic ip6_address=2001:db8::7/64\nnooption interface_mtu\n"));
  CHECK_THAT(plan.dhcpcd_conf, Contains("nohook resolv.conf\n"));
}

TEST_CASE("a VLAN's interface of before is never taken for a card, and frames of a VLAN fit into those below") {
  const std::vector<InterfaceState> with_vlan = {card("eth0.30", 2, true), card("eth0", 2, true)};
  HostSettings settings;
  CHECK(plan_network(settings, with_vlan).measuring == "eth0");
  settings.measuring = {.interface = "52:54:00:00:00:02", .vlan = 31, .mtu = 9000};
  const NetworkPlan plan = plan_network(settings, with_vlan);
  CHECK(plan.measuring == "eth0.31");
  CHECK(plan.mtus == std::vector<NetworkPlan::Mtu>{{"eth0", 9000}, {"eth0.31", 9000}});
}

TEST_CASE("an interface that carries a VLAN keeps its own addresses if it has something to do itself") {
  HostSettings settings;
  settings.measuring = {.interface = "eth0", .v4 = fixed("192.0.2.7/24")};
  settings.managing = InterfaceSettings{.interface = "eth0", .vlan = 30};
  CHECK_THAT(plan_network(settings, kTwo).dhcpcd_conf, !Contains("noipv4\n"));
  settings.measuring.vlan = 40;
  const NetworkPlan plan = plan_network(settings, kTwo);
  CHECK(plan.managing == "eth0.30");
  CHECK_THAT(plan.dhcpcd_conf, Contains("interface eth0\nnoipv4\nnoipv6\n"));
}

TEST_CASE("of two gateways that of the interface that measures is the first") {
  HostSettings settings;
  settings.measuring = {.interface = "eth1", .v6 = fixed("2001:db8:2::7/64", "2001:db8:2::1")};
  InterfaceSettings managing{.interface = "eth0"};
  managing.v6 = fixed("2001:db8:1::7/64", "2001:db8:1::1");
  settings.managing = managing;
  const NetworkPlan plan = plan_network(settings, kTwo);
  CHECK(plan.gateways == std::vector<NetworkPlan::Gateway>{{"eth1", *IpAddress::parse("2001:db8:2::1"), 100},
                                                           {"eth0", *IpAddress::parse("2001:db8:1::1"), 200}});
  CHECK_THAT(plan.dhcpcd_conf, Contains("interface eth1\nmetric 100\n") && Contains("interface eth0\nmetric 200\n"));
}

TEST_CASE("an interface that is not there is told, and another one measures") {
  HostSettings settings;
  settings.measuring.interface = "eth7";
  const NetworkPlan plan = plan_network(settings, kTwo);
  CHECK(plan.measuring == "eth1");
  REQUIRE(plan.sentences.size() == 1);
  CHECK_THAT(plan.sentences.front(), Contains("eth7") && Contains("eth1 measures"));
}

TEST_CASE("the managing interface is never the measuring one by itself") {
  const HostSettings settings{.managing = InterfaceSettings{}};
  CHECK(plan_network(settings, kTwo).managing == "eth0");
}

TEST_CASE("without the interface that is to manage nobody is let in by another one, and that is told") {
  const HostSettings settings{.managing = InterfaceSettings{}};
  const std::vector<InterfaceState> one = {card("eth0", 2, true)};
  const NetworkPlan plan = plan_network(settings, one);
  CHECK(plan.measuring == "eth0");
  CHECK(plan.managing == "nobody");
  REQUIRE(plan.sentences.size() == 1);
  CHECK_THAT(plan.sentences.front(), Contains("on the console only"));
}

TEST_CASE("each of several interfaces answers through a routing table of its own") {
  const std::vector<InterfaceState> both = {card("eth0", 2, true, {"192.0.2.7/24"}),
                                            card("eth1", 3, true, {"198.51.100.7/24", "fe80::7/64"})};
  const std::vector<HostRoute> routes = {{Family::v4, "eth0", "default", "192.0.2.1"},
                                         {Family::v4, "eth1", "198.51.100.0/24", ""}};
  CHECK(source_routing(Family::v4, both, routes) ==
        "route replace default via 192.0.2.1 dev eth0 table 1002\n"
        "rule add from 192.0.2.7 priority 1000 table 1002\n"
        "route replace 198.51.100.0/24 dev eth1 table 1003\n"
        "rule add from 198.51.100.7 priority 1000 table 1003\n");
  CHECK(source_routing(Family::v6, both, routes).empty());
  CHECK(source_routing(Family::v4, {both.data(), 1}, routes).empty());
}

TEST_CASE("the firewall lets in what the configuration enables, and the page only where it belongs") {
  Config config;
  config.engine_rules = {EngineRule{.engine = "owamp", .source = *Prefix::parse("192.0.2.0/24"), .allow = true}};
  config.settings.test_ports = {9000, 9010};
  const std::string text = firewall_text(config, "eth1");
  CHECK_THAT(text, Contains("policy drop"));
  CHECK_THAT(text, Contains("iifname \"eth1\" tcp dport { 80, 443 } accept"));
  CHECK_THAT(text, Contains("tcp dport 861 accept") && Contains("udp dport 9000-9010 accept"));
  CHECK_THAT(text, !Contains("5201") && !Contains("dport 22"));
  config.host.emplace().shell_keys = {"ssh-ed25519 AAAA somebody"};
  CHECK_THAT(firewall_text(config, ""), Contains("    tcp dport 22 accept"));
}

TEST_CASE("time comes from the servers that were named, else from DHCP and Debian's pool") {
  CHECK_THAT(chrony_text({}, ""), Contains("sourcedir /run/network/time") && Contains("pool 2.debian.pool.ntp.org"));
  const std::string named = chrony_text({"ntp.example.org"}, "/dev/ptp0");
  CHECK_THAT(named, Contains("server ntp.example.org iburst\n") && Contains("refclock PHC /dev/ptp0"));
  CHECK_THAT(named, !Contains("pool") && !Contains("sourcedir"));
}

}  // namespace sonde
