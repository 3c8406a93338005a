#include "core/archive/route_coding.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kStart = utc_from_seconds(1'800'000'000);

TracedRoute some_route() {
  TracedRoute route{.target = *IpAddress::parse("2001:db8::9"), .icmp = true, .reached_at = 3, .hops = {}};
  route.hops.resize(3);
  route.hops[0].answers = {{*IpAddress::parse("fe80::1%7"), 120us, 0, 3, 0},
                           {*IpAddress::parse("2001:db8::1"), 2s, 2, 3, 1}};
  route.hops[1].silent = 3;
  route.hops[2].answers = {{route.target, -5us, 1, -1, -1}};
  return route;
}

}  // namespace

TEST_CASE("a change comes back with both routes, with one, and with one that ends on the way") {
  RouteChange change{some_route(), some_route(), kStart};
  change.after.hops.pop_back();
  change.after.reached_at = 0;
  CHECK(decode_route_change(encode_route_change(change)) == change);
  change.before.reset();
  CHECK(decode_route_change(encode_route_change(change)) == change);
}

TEST_CASE("more hops than there can be are refused before anything is allocated") {
  CodingWriter out;
  out.octet(0);
  put_address(out, IpAddress{});
  out.number(0);
  out.number(TracedRoute::kMostHops + 1);
  for (int i = 0; i < 1000; ++i) out.octet(0);
  const Bytes body = out.take();
  CodingReader in(body);
  CHECK_FALSE(get_route(in));
}

TEST_CASE("cut or flipped routes are refused or within their bounds") {
  const Bytes body = encode_route_change({some_route(), some_route(), kStart});
  for (std::size_t n = 0; n < body.size(); ++n) CHECK_FALSE(decode_route_change(std::span(body).first(n)));
  for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
    Bytes flipped = body;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    const auto change = decode_route_change(flipped);
    if (!change) continue;
    CHECK(change->after.hops.size() <= TracedRoute::kMostHops);
    CHECK(change->after.reached_at <= static_cast<int>(change->after.hops.size()));
  }
}
