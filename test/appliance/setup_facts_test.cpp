#include "appliance/setup_facts.h"

#include <catch2/catch.hpp>

using namespace sonde;

namespace {

InterfaceState interface(const std::string& name, const char* address, int length, bool loopback = false) {
  InterfaceState state;
  state.name = name;
  state.up = true;
  state.running = !loopback;
  state.loopback = loopback;
  state.hardware_address = "52:54:00:12:34:56";
  state.addresses = {{*IpAddress::parse(address), length}};
  return state;
}

}  // namespace

TEST_CASE("what a host knows of itself: its interfaces without loopback, its networks without link-local ones") {
  const SetupFacts facts = setup_facts({interface("lo", "127.0.0.1", 8, true), interface("no-such0", "192.0.2.7", 24),
                                        interface("no-such1", "169.254.3.4", 16)});
  REQUIRE(facts.interfaces.size() == 2);
  CHECK(facts.interfaces[0].name == "no-such0");
  CHECK(facts.interfaces[0].driver.empty());
  CHECK(facts.interfaces[0].link);
  CHECK(facts.interfaces[0].addresses.at(0).text() == "192.0.2.7/24");
  CHECK(facts.networks == std::vector<Prefix>{*Prefix::parse("192.0.2.0/24")});
  CHECK_FALSE(facts.host_name.empty());
}

TEST_CASE("without a root helper the machine is not ours to set") {
  const SetupFacts facts = setup_facts({});
  CHECK_FALSE(facts.appliance);
  CHECK(facts.disks.empty());
}

TEST_CASE("the time zone is what /etc/localtime points to") {
  CHECK(zone_of_link("/usr/share/zoneinfo/Europe/Zurich") == "Europe/Zurich");
  CHECK(zone_of_link("../usr/share/zoneinfo/UTC") == "UTC");
  CHECK(zone_of_link("") == "UTC");
  CHECK(zone_of_link("/somewhere/else") == "UTC");
}
