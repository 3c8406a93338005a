#include "core/measurement/result.h"

#include <catch2/catch.hpp>
#include <set>

using namespace sonde;

TEST_CASE("directions and outcomes are written and read back") {
  for (const auto direction :
       {Direction::none, Direction::forward, Direction::reverse, Direction::round_trip, Direction::local}) {
    CHECK(direction_from(to_string(direction)) == direction);
  }
  for (const auto outcome : {Outcome::done, Outcome::failed, Outcome::skipped, Outcome::refused}) {
    CHECK(outcome_from(to_string(outcome)) == outcome);
  }
  CHECK(to_string(Direction::round_trip) == "round_trip");
}

TEST_CASE("words that are no direction or outcome are refused") {
  for (const char* text : {"", "Forward", "forward ", "both", "ok"}) {
    CHECK_FALSE(direction_from(text));
    CHECK_FALSE(outcome_from(text));
  }
}

TEST_CASE("each basis has a name of its own") {
  std::set<std::string_view> names;
  for (const auto basis :
       {Basis::none, Basis::exact_count, Basis::sampling, Basis::clock_bound, Basis::sampling_and_clock}) {
    CHECK_FALSE(to_string(basis).empty());
    CHECK(names.insert(to_string(basis)).second);
  }
}
