#include "appliance/route_text.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

namespace {

RouteAnswer answer(const char* address, Duration round_trip, std::uint8_t flow, int type = 11, int code = 0) {
  return {IpAddress::parse(address).value(), round_trip, flow, type, code};
}

}  // namespace

TEST_CASE("a route is a line a hop, each router of a balanced hop on its own, silence said") {
  TracedRoute route{.target = IpAddress::parse("192.0.2.1").value(), .icmp = false, .reached_at = 3, .hops = {}};
  route.hops = {{{answer("10.0.0.1", 1ms, 0), answer("10.0.0.2", 2ms, 1), answer("10.0.0.1", 1100us, 2)}, 0},
                {{}, 3},
                {{answer("192.0.2.1", 12300us, 0, 3, 3)}, 2}};
  const auto name = [](const IpAddress& a) { return a.text() == "192.0.2.1" ? std::string("lyon") : std::string(); };
  CHECK(route_lines(route, name) ==
        "  1  10.0.0.1  1.00 ms  1.10 ms\n"
        "     10.0.0.2  2.00 ms\n"
        "  2  * nobody answered\n"
        "  3  192.0.2.1 (lyon)  12.3 ms\n");
}

TEST_CASE("an answer that is no ordinary one is marked with what it means") {
  TracedRoute route{.target = IpAddress::parse("192.0.2.1").value(), .icmp = false, .reached_at = 0, .hops = {}};
  CHECK(mark_of(route, answer("10.0.0.1", 1ms, 0, 11, 0)).empty());
  CHECK(mark_of(route, answer("10.0.0.1", 1ms, 0, 3, 3)).empty());
  CHECK(mark_of(route, answer("10.0.0.1", 1ms, 0, 3, 1)) == "!H (host does not answer)");
  CHECK(mark_of(route, answer("10.0.0.1", 1ms, 0, 3, 13)) == "!X (forbidden)");
  CHECK(mark_of(route, answer("10.0.0.1", 1ms, 0, 3, 0)) == "!N (no such network)");
  CHECK(mark_of(route, answer("10.0.0.1", 1ms, 0, 3, 6)) == "!6");
  route.target = IpAddress::parse("2001:db8::1").value();
  CHECK(mark_of(route, answer("fd00::1", 1ms, 0, 3, 0)).empty());  // time exceeded
  CHECK(mark_of(route, answer("fd00::1", 1ms, 0, 1, 1)) == "!X (forbidden)");
  CHECK(mark_of(route, answer("fd00::1", 1ms, 0, 1, 0)) == "!N (no route)");
}
