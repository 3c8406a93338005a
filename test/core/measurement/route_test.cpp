#include "core/measurement/route.h"

#include <catch2/catch.hpp>
#include <sstream>

using namespace sonde;

namespace {

/// "a bc . T": a letter or digit x is the router 10.0.0.x, "." is silent, T the target; several at a hop are balanced.
TracedRoute route(const std::string& picture) {
  TracedRoute made;
  made.target = IpAddress::parse("192.0.2.1").value();
  std::istringstream words(picture);
  for (std::string word; words >> word;) {
    RouteHop hop;
    for (const char c : word) {
      if (c == '.') {
        hop.silent = 3;
        continue;
      }
      const std::string text = c == 'T' ? "192.0.2.1" : "10.0.0." + std::to_string(static_cast<int>(c));
      RouteAnswer answer;
      answer.address = IpAddress::parse(text).value();
      hop.answers.push_back(answer);
      if (c == 'T' && made.reached_at == 0) made.reached_at = static_cast<int>(made.hops.size() + 1);
    }
    made.hops.push_back(hop);
  }
  return made;
}

int difference(const std::string& known, const std::string& run) {
  const int there = first_difference(route(known), route(run));
  CHECK(there == first_difference(route(run), route(known)));
  return there;
}

}  // namespace

TEST_CASE("the same routers are the same route, whoever of them is silent") {
  CHECK(difference("a b c T", "a b c T") == 0);
  CHECK(difference("a b c T", "a . c T") == 0);
  CHECK(difference("a . c T", "a b c T") == 0);
  CHECK(difference("a b c T", "a b") == 0);  // the target was silent this time
}

TEST_CASE("another router at a hop is a change there") {
  CHECK(difference("a b c T", "a x c T") == 2);
  CHECK(difference("a b c T", "a b x") == 3);
  CHECK(difference("a b c T", "x b c T") == 1);
}

TEST_CASE("another number of hops is a change, also where silence would hide it") {
  CHECK(difference("a b T", "a b c T") == 3);
  CHECK(difference("a b . T", "a b T") == 3);
  CHECK(difference("a b T", "a b . x") == 4);
}

TEST_CASE("balanced hops are the same while they have an address in common") {
  CHECK(difference("a bcd e T", "a bx e T") == 0);
  CHECK(difference("a bc e T", "a xy e T") == 2);
  CHECK(difference("a b cT T", "a b cT T") == 0);  // ways of unequal length
}

TEST_CASE("what runs see joins what is known, up to 16 addresses a hop") {
  TracedRoute known = route("a b . T");
  CHECK_FALSE(merge(known, route("a b . T")));
  CHECK_FALSE(merge(known, route("a . . T")));
  CHECK(merge(known, route("a bc d T")));
  CHECK(text_of(known.hops[1]) == "10.0.0.98 or 10.0.0.99");
  CHECK(text_of(known.hops[2]) == "10.0.0.100");
  CHECK(first_difference(known, route("a c d T")) == 0);
  CHECK(merge(known, route("a b0123456789efghij d T")));
  CHECK(known.hops[1].addresses().size() == 16);
  CHECK_FALSE(merge(known, route("a bz d T")));
}

TEST_CASE("a target that answers at last completes the known route") {
  TracedRoute known = route("a b");
  CHECK(merge(known, route("a b c T")));
  CHECK(known.reached_at == 4);
  CHECK(known.hops.size() == 4);
  CHECK(length_of(known) == "4 hops");
}

TEST_CASE("routes to another address or with other packets do not compare") {
  TracedRoute known = route("a T"), run = known;
  CHECK(comparable(known, run));
  run.icmp = true;
  CHECK_FALSE(comparable(known, run));
  run = known;
  run.target = IpAddress::parse("192.0.2.2").value();
  CHECK_FALSE(comparable(known, run));
}

TEST_CASE("a route is told in words") {
  CHECK(length_of(route("a T")) == "2 hops");
  CHECK(length_of(route("T")) == "1 hop");
  CHECK(length_of(route("a b")) == "no answer beyond hop 2");
  CHECK(length_of(route("")) == "no answer at all");
  CHECK(text_of(route("abc").hops[0]) == "10.0.0.97, 10.0.0.98 or 10.0.0.99");
  CHECK(text_of(route(".").hops[0]) == "nobody");
}
