#include "core/statistics/loss.h"

#include <catch2/catch.hpp>

#include "test/core/statistics/records.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

TEST_CASE("Wilson's interval of no loss in ten, a hundred and of half") {
  CHECK(*wilson(0, 10).low == 0);
  CHECK(*wilson(0, 10).high == Approx(0.27753).epsilon(1e-4));
  CHECK(*wilson(0, 100).high == Approx(0.036995).epsilon(1e-4));
  CHECK(*wilson(1, 10).low == Approx(0.017876).epsilon(1e-4));
  CHECK(*wilson(1, 10).high == Approx(0.404150).epsilon(1e-4));
  CHECK(*wilson(50, 100).low == Approx(0.403832).epsilon(1e-4));
  CHECK(*wilson(50, 100).high == Approx(0.596168).epsilon(1e-4));
  CHECK(*wilson(10, 10).high == 1);
  CHECK_FALSE(wilson(0, 0).low);
  CHECK_FALSE(wilson(0, 0).high);
}

TEST_CASE("no loss and nothing but loss have ends of exactly 0 and 1") {
  for (std::uint64_t n = 1; n <= 3000; ++n) {
    REQUIRE(*wilson(0, n).low == 0);
    REQUIRE(*wilson(n, n).high == 1);
  }
}

TEST_CASE("the ends of Wilson's interval solve its equation") {
  constexpr double zz = 1.959963984540054 * 1.959963984540054;
  for (std::uint64_t n = 1; n <= 60; ++n) {
    for (std::uint64_t k = 0; k <= n; ++k) {
      const double share = static_cast<double>(k) / static_cast<double>(n);
      for (const double end : {*wilson(k, n).low, *wilson(k, n).high}) {
        CHECK((share - end) * (share - end) * static_cast<double>(n) == Approx(zz * end * (1 - end)).margin(1e-9));
      }
    }
  }
}

TEST_CASE("loss periods and distances are those of the worked example in RFC 3357") {
  // Lost: the 2nd, 5th, 7th, 9th and 10th of ten. Distances 3, 2, 2, 1; periods 1, 2, 3, 4, 4.
  const auto came = std::optional<Duration>{20ms};
  const auto pattern = loss_pattern(copies(stream({came, {}, came, came, {}, came, {}, came, {}, {}})));
  CHECK(pattern.lost == 5);
  CHECK(pattern.periods == 4);
  CHECK(pattern.longest == 2);
  CHECK(*pattern.mean_distance == Approx(2.0));
}

TEST_CASE("a single loss has a period but no distance, and none has neither") {
  const auto came = std::optional<Duration>{20ms};
  const auto one = loss_pattern(copies(stream({came, {}, came})));
  CHECK(one.periods == 1);
  CHECK(one.longest == 1);
  CHECK_FALSE(one.mean_distance);
  const auto none = loss_pattern(copies(stream({came, came})));
  CHECK(none.periods == 0);
  CHECK(none.longest == 0);
}

TEST_CASE("distances count sequence numbers, also where some were never sent") {
  const auto pattern = loss_pattern(copies({packet(3, std::nullopt), packet(10, std::nullopt), packet(4, 1ms)}));
  CHECK(*pattern.mean_distance == Approx(7.0));
  CHECK(pattern.periods == 2);
}
