#include "core/net/address.h"

#include <catch2/catch.hpp>

using namespace sonde;

namespace {
IpAddress ip(std::string_view text) {
  const auto out = IpAddress::parse(text);
  REQUIRE(out);
  return *out;
}
}  // namespace

TEST_CASE("addresses are read and written back") {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1"}) {
    CHECK(ip(text).text() == text);
  }
  CHECK(ip("2001:DB8:0:0::0001").text() == "2001:db8::1");
  CHECK(ip("192.0.2.1").family() == Family::v4);
  CHECK(ip("192.0.2.1").bytes().size() == 4);
  CHECK(ip("::1").bytes().size() == 16);
}

TEST_CASE("text that is not an address is refused") {
  using namespace std::string_view_literals;
  for (const auto text :
       {""sv, " 192.0.2.1"sv, "192.0.2"sv, "192.0.2.256"sv, "192.0.2.01"sv, "0x7f.0.0.1"sv, "localhost"sv, "[::1]"sv,
        ":::"sv, "2001:db8::1::2"sv, "192.0.2.1%lo"sv, "fe80::1%"sv, "fe80::1%no-such-interface"sv, "2001:db8::1%lo"sv,
        "192.0.2.1\0"sv, "192.0.2.1/24"sv, "::ffff:192.0.2.1%lo"sv}) {
    INFO(text);
    CHECK_FALSE(IpAddress::parse(text));
  }
}

TEST_CASE("a mapped address is the IPv4 address wherever it is made") {
  CHECK(ip("::ffff:192.0.2.1") == ip("192.0.2.1"));
  std::array<std::byte, 16> raw{};
  raw[10] = raw[11] = std::byte{0xff};
  raw[12] = std::byte{10};
  CHECK(IpAddress::v6(raw).text() == "10.0.0.0");
}

TEST_CASE("only a link-local or multicast address keeps its interface") {
  CHECK(ip("fe80::1%lo").scope() == 1);
  CHECK(ip("fe80::1%lo").text() == "fe80::1%lo");
  CHECK(ip("fe80::1%lo") != ip("fe80::1"));
  std::array<std::byte, 16> raw{std::byte{0x20}, std::byte{0x01}};
  CHECK(IpAddress::v6(raw, 3) == IpAddress::v6(raw, 0));
}

TEST_CASE("kinds of addresses are told apart") {
  CHECK(ip("127.8.9.1").is_loopback());
  CHECK(ip("::1").is_loopback());
  CHECK_FALSE(ip("::2").is_loopback());
  CHECK_FALSE(ip("1::1").is_loopback());
  CHECK(ip("169.254.1.1").is_link_local());
  CHECK(ip("febf::1").is_link_local());
  CHECK_FALSE(ip("fec0::1").is_link_local());
  CHECK(ip("224.0.0.1").is_multicast());
  CHECK(ip("239.255.255.255").is_multicast());
  CHECK_FALSE(ip("240.0.0.1").is_multicast());
  CHECK(ip("ff02::1").is_multicast());
  CHECK(ip("255.255.255.255").is_broadcast());
  CHECK_FALSE(ip("255.255.255.254").is_broadcast());
  CHECK(IpAddress::any(Family::v6).is_unspecified());
  CHECK(IpAddress().is_unspecified());
  CHECK(IpAddress::loopback(Family::v6) == ip("::1"));
}

TEST_CASE("a source is an IPv4 address or an IPv6 /64") {
  CHECK(ip("2001:db8:0:1::1").source() == ip("2001:db8:0:1:ffff:ffff:ffff:ffff").source());
  CHECK(ip("2001:db8:0:1::1").source() != ip("2001:db8:0:2::1").source());
  CHECK(ip("192.0.2.1").source() != ip("192.0.2.2").source());
}

TEST_CASE("endpoints bracket IPv6") {
  CHECK(Endpoint{ip("192.0.2.1"), 861}.text() == "192.0.2.1:861");
  CHECK(Endpoint{ip("2001:db8::1"), 861}.text() == "[2001:db8::1]:861");
}

TEST_CASE("a prefix holds what shares its head, of its own family") {
  const auto odd = Prefix::parse("192.0.2.128/25");
  REQUIRE(odd);
  CHECK(odd->contains(ip("192.0.2.128")));
  CHECK(odd->contains(ip("192.0.2.255")));
  CHECK_FALSE(odd->contains(ip("192.0.2.127")));
  CHECK(odd->text() == "192.0.2.128/25");
  CHECK(Prefix::parse("0.0.0.0/0")->contains(ip("8.8.8.8")));
  CHECK_FALSE(Prefix::parse("0.0.0.0/0")->contains(ip("::1")));
  CHECK(Prefix::parse("2001:db8::/33")->contains(ip("2001:db8:7fff::1")));
  CHECK_FALSE(Prefix::parse("2001:db8::/33")->contains(ip("2001:db8:8000::1")));
  CHECK(Prefix::parse("::1/128")->contains(ip("::1")));
}

TEST_CASE("a prefix with host bits, a wrong length or other text is refused") {
  for (const char* text : {"192.0.2.1/24", "192.0.2.0", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+24",
                           "192.0.2.0/24 ", "2001:db8::/129", "::ffff:192.0.2.0/120", "/24", "2001:db8::1/64"}) {
    INFO(text);
    CHECK_FALSE(Prefix::parse(text));
  }
}
