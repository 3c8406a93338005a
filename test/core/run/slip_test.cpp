#include "core/run/slip.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

TEST_CASE("slip percentiles are within an eighth above the true value") {
  Slip slip;
  CHECK(slip.percentile(0.5) == 0ns);
  for (int us = 1; us <= 1000; ++us) slip.add(std::chrono::microseconds{us});
  CHECK(slip.count() == 1000);
  CHECK(slip.percentile(0.5) >= 500us);
  CHECK(slip.percentile(0.5) <= 563us);
  CHECK(slip.percentile(0.99) >= 990us);
  CHECK(slip.percentile(1.0) == 1000us);
  CHECK(slip.max() == 1000us);
}

TEST_CASE("any slip is counted: early as zero, hours in the last bucket") {
  Slip slip;
  slip.add(-5us);
  CHECK(slip.max() == 0ns);
  for (const Duration late :
       {Duration{1}, Duration{7}, Duration{8}, Duration{15}, Duration{16}, Duration{9h}, Duration::max()}) {
    Slip one;
    one.add(late);
    CHECK(one.percentile(0.5) == late);
  }
}
