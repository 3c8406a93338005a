#include "core/net/host_address.h"

#include <catch2/catch.hpp>

using namespace sonde;

TEST_CASE("a host's address keeps its host bits and knows its network") {
  const auto own = HostAddress::parse("192.0.2.7/24");
  REQUIRE(own);
  CHECK(own->text() == "192.0.2.7/24");
  CHECK(own->network().text() == "192.0.2.0/24");
  CHECK(HostAddress::parse("192.0.2.135/25")->network().text() == "192.0.2.128/25");
  CHECK(HostAddress::parse("192.0.2.7/31")->network().text() == "192.0.2.6/31");
  CHECK(HostAddress::parse("192.0.2.7/32")->network().text() == "192.0.2.7/32");
  CHECK(HostAddress::parse("192.0.2.7/0")->network().text() == "0.0.0.0/0");
  CHECK(HostAddress::parse("2001:DB8::7/61")->network().text() == "2001:db8::/61");
  CHECK(HostAddress::parse("2001:db8:0:f::7/61")->network().text() == "2001:db8:0:8::/61");
}

TEST_CASE("what is no address with a prefix length is none") {
  for (const char* bad : {"", "/", "192.0.2.7", "192.0.2.7/", "192.0.2.7/33", "192.0.2.7/-1", "192.0.2.7/+8",
                          "192.0.2.7/24 ", " 192.0.2.7/24", "192.0.2.300/24", "2001:db8::7/129", "host/24",
                          "::ffff:192.0.2.7/120", "fe80::1%lo/64", "192.0.2.7/24/24", "192.0.2.7/255.255.255.0"})
    CHECK_FALSE(HostAddress::parse(bad));
}
