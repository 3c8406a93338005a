#include "appliance/suggested_tests.h"

#include <catch2/catch.hpp>

using namespace sonde;

TEST_CASE("the router of the default route is found, and none where there is none") {
  const std::string heading = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n";
  const std::string link = "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n";
  const std::string way_out = "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n";
  CHECK(default_router(heading + link + way_out) == IpAddress::parse("192.0.2.1"));
  CHECK_FALSE(default_router(heading + link));
  CHECK_FALSE(default_router(""));
  CHECK_FALSE(default_router(heading + "eth0\t00000000\tnonsense\n"));
}

TEST_CASE("name servers are read once each; a stub on this host is none") {
  const auto servers = name_servers(
      "# by hand\nnameserver 192.0.2.53\nsearch example.org\nnameserver 127.0.0.53\n"
      "nameserver 2001:db8::53\nnameserver 192.0.2.53\nnameserver\nnameserver x\n");
  CHECK(servers == std::vector{*IpAddress::parse("192.0.2.53"), *IpAddress::parse("2001:db8::53")});
}
