#pragma once

#include "core/setup/facts.h"

namespace sonde::test {

/// What an appliance with two interfaces and two disks knows before anybody answered.
inline SetupFacts appliance_facts() {
  SetupFacts facts;
  facts.appliance = true;
  facts.interfaces = {
      {"eth0", "52:54:00:12:34:56", "virtio_net", true, {*HostAddress::parse("192.0.2.7/24")}},
      {"eth1", "52:54:00:12:34:57", "e1000e", false, {}},
  };
  facts.disks = {{"sda", "Example disk", 1'000'000'000'000, "Windows, 3 partitions", false},
                 {"sdb", "", 64'000'000'000, "Sonde's data of 12 Nov", true}};
  facts.host_name = "sonde";
  facts.networks = {*Prefix::parse("192.0.2.0/24")};
  facts.zones = "/nonexistent";
  return facts;
}

/// What any other Debian host knows.
inline SetupFacts ordinary_facts() {
  SetupFacts facts;
  facts.host_name = "gva.example.org";
  facts.networks = {*Prefix::parse("198.51.100.0/24")};
  return facts;
}

}  // namespace sonde::test
