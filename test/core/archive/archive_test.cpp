#include "core/archive/archive.h"

#include <catch2/catch.hpp>

using namespace sonde;

TEST_CASE("a series' id holds test, revision, direction, metric and subject, and comes back") {
  const SeriesKey plain{"path1", 3, "delay.p50", Direction::forward, ""};
  CHECK(plain.id() == "path1.3.forward.delay.p50");
  CHECK(SeriesKey::from_id(plain.id()) == plain);
  const SeriesKey subject{"if", 1, "interface.in_rate", Direction::local, "eth0.7 ~"};
  CHECK(subject.id().find_first_of(" /?#%") == std::string::npos);
  CHECK(SeriesKey::from_id(subject.id()) == subject);
}

TEST_CASE("what is no series' id is refused") {
  for (const char* id : {"", ".", "a", "a.1", "a.1.forward", "a.1.forward.", "a.x.forward.delay.p50", "a.1x.forward.m",
                         "a.1.sideways.m", "a.1.forward.M", "a.1.forward.m~", "a.1.forward.m~0g", "a.-1.forward.m",
                         ".1.forward.m", "a.99999999999.forward.m", "a.1.forward.m m"})
    CHECK_FALSE(SeriesKey::from_id(id));
}
