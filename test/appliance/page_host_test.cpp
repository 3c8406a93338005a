#include "appliance/page_host.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace sonde;

namespace {

InterfaceState interface(std::vector<const char*> addresses, bool loopback = false) {
  InterfaceState made{.loopback = loopback};
  for (const char* address : addresses) made.addresses.push_back({*IpAddress::parse(address), 64});
  return made;
}

}  // namespace

TEST_CASE("the page's link names an address that a browser elsewhere can open") {
  const InterfaceState loopback = interface({"127.0.0.1", "::1"}, true);
  const std::vector both{loopback, interface({"2001:db8::7", "192.0.2.7", "fe80::7"})};
  const std::vector six{loopback, interface({"fe80::7", "2001:db8::7"})};
  CHECK(page_host("", both) == "192.0.2.7");
  CHECK(page_host("0.0.0.0", both) == "192.0.2.7");
  CHECK(page_host("::", six) == "[2001:db8::7]");
  CHECK(page_host("", std::vector{loopback, interface({"fe80::7"})}) == "localhost");
  CHECK(page_host("127.0.0.1", both) == "127.0.0.1");
  CHECK(page_host("2001:db8::9", both) == "[2001:db8::9]");
}
