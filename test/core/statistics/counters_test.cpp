#include "core/statistics/counters.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

namespace {
CounterReading reading(std::uint64_t value, Duration at, std::uint64_t life = 1) {
  return {.value = value, .at = SteadyTime{at}, .life = life};
}
}  // namespace

TEST_CASE("a rate is growth by time") {
  CHECK(*counter_rate(reading(1000, 0s), reading(4000, 30s)) == Approx(100.0));
  CHECK(*counter_rate(reading(7, 0s), reading(7, 30s)) == 0);
  CHECK(*counter_rate(reading(0, 0s), reading(~std::uint64_t{0}, 1s)) == Approx(1.8446744e19));
}

TEST_CASE("a counter that went back gives no rate, and never a negative one") {
  CHECK_FALSE(counter_rate(reading(4000, 0s), reading(3999, 30s)));
  CHECK_FALSE(counter_rate(reading(~std::uint64_t{0}, 0s), reading(0, 30s)));
}

TEST_CASE("a counter that began anew gives no rate even where it has grown past its old value") {
  CHECK_FALSE(counter_rate(reading(1000, 0s, 1), reading(4000, 30s, 2)));
}

TEST_CASE("without time between the readings there is no rate") {
  CHECK_FALSE(counter_rate(reading(1000, 30s), reading(4000, 30s)));
  CHECK_FALSE(counter_rate(reading(1000, 31s), reading(4000, 30s)));
}
