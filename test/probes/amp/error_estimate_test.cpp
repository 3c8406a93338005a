#include "probes/amp/error_estimate.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace sonde::amp;
using namespace std::chrono_literals;

namespace {

ClockQuality synchronised(Duration bound) { return {bound, true, true, "test"}; }

}  // namespace

TEST_CASE("an estimate is the smallest that is not below the clock's bound") {
  for (const Duration bound : {1ns, 59ns, 60ns, 1000ns, 123'456ns, 1'000'000ns, 999'999'999ns, 3'500'000'000'000ns}) {
    const ErrorEstimate estimate = to_error_estimate(synchronised(bound));
    CAPTURE(bound.count(), estimate.bits);
    CHECK(estimate.synchronised());
    CHECK(estimate.legal());
    const auto claimed = error_bound(estimate);
    REQUIRE(claimed);
    CHECK(*claimed >= bound);
    CHECK(*claimed <= bound + bound / 100 + 1ns);  // 8 bits: less than 1 % above
  }
}

TEST_CASE("a bound of zero is still a legal estimate") { CHECK(to_error_estimate(synchronised(0ns)).bits == 0x8001); }

TEST_CASE("a clock that nobody vouches for says S = 0 and the least error") {
  CHECK(to_error_estimate({}) == kUnknownError);
  CHECK(to_error_estimate({1ms, false, true, ""}) == kUnknownError);
  CHECK(to_error_estimate({1ms, true, false, ""}) == kUnknownError);
  CHECK(to_error_estimate({std::nullopt, true, true, ""}) == kUnknownError);
  CHECK(to_error_estimate(synchronised(2h)) == kUnknownError);
}

TEST_CASE("a peer's 0x0001 is an unknown bound, not a quarter of a nanosecond") {
  CHECK_FALSE(error_bound(kUnknownError));
  CHECK_FALSE(error_bound({0x14ff}));  // S = 0, whatever the rest says
}

TEST_CASE("a multiplier of zero is illegal and an absurd scale is unknown") {
  CHECK_FALSE(ErrorEstimate{0x8500}.legal());
  CHECK_FALSE(error_bound({0x8500}));
  CHECK_FALSE(error_bound({0xbfff}));  // 255 * 2^63 units
  CHECK_FALSE(error_bound({0x80ff | 43 << 8}));
  CHECK(error_bound({0x8001 | 32 << 8}) == Duration{1s});
  CHECK(error_bound({0xc001 | 32 << 8}) == Duration{1s});  // Z is ignored
}
