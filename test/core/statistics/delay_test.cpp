#include "core/statistics/delay.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

using namespace sonde;

namespace {

std::vector<std::int64_t> one_to(std::int64_t n) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 1);
  return values;
}

/// P(B <= k) of a binomial distribution, term by term.
double at_most(std::uint64_t k, std::uint64_t n, double p) {
  double sum = 0;
  for (std::uint64_t i = 0; i <= k; ++i) {
    const auto a = static_cast<double>(i), b = static_cast<double>(n - i), c = static_cast<double>(n);
    sum +=
        std::exp(std::lgamma(c + 1) - std::lgamma(a + 1) - std::lgamma(b + 1) + a * std::log(p) + b * std::log1p(-p));
  }
  return sum;
}

}  // namespace

TEST_CASE("a percentile is the least value that the share reaches") {
  CHECK(percentile(one_to(100), 95)->value_ns == 95);
  CHECK(percentile(one_to(101), 95)->value_ns == 96);
  CHECK(percentile(one_to(10), 50)->value_ns == 5);
  CHECK(percentile(one_to(11), 50)->value_ns == 6);
  CHECK(percentile(one_to(600), 99)->value_ns == 594);
}

TEST_CASE("a percentile is published only if at least one value is expected beyond it") {
  CHECK_FALSE(percentile(one_to(99), 99));
  CHECK(percentile(one_to(100), 99));
  CHECK_FALSE(percentile(one_to(19), 95));
  CHECK(percentile(one_to(20), 95));
  CHECK_FALSE(percentile(one_to(1), 50));
  CHECK(percentile(one_to(2), 50));
  CHECK_FALSE(percentile(one_to(0), 50));
}

TEST_CASE("lost packets counted as infinite push the percentile up and leave it undefined where it is one of them") {
  // 100 sent, 4 lost: rank 95 of 100 is still an arrived one.
  CHECK(percentile(one_to(96), 95, 4)->value_ns == 95);
  CHECK(percentile(one_to(95), 95, 5)->value_ns == 95);
  CHECK_FALSE(percentile(one_to(94), 95, 6));
  CHECK(percentile(one_to(50), 50, 50)->value_ns == 50);
  CHECK_FALSE(percentile(one_to(49), 50, 51));
  // The upper end lies among the lost: unbounded, while the lower one is known.
  const auto estimate = percentile(one_to(55), 50, 45);
  CHECK(estimate->low_ns);
  CHECK_FALSE(estimate->high_ns);
}

TEST_CASE("the interval of a percentile stands on ranks of the binomial distribution") {
  for (const std::uint64_t n : {1, 2, 5, 10, 20, 59, 100, 600, 2000}) {
    for (const int percent : {10, 25, 50, 75, 90, 95, 99}) {
      const double p = percent / 100.0;
      const RankInterval ranks = rank_interval(n, percent);
      INFO("n " << n << " percent " << percent << " low " << ranks.low << " high " << ranks.high);
      if (ranks.low > 0) CHECK(at_most(ranks.low - 1, n, p) <= kTail95 + 1e-9);
      CHECK(at_most(ranks.low, n, p) > kTail95 - 1e-9);
      if (ranks.high <= n) CHECK(1 - at_most(ranks.high - 1, n, p) <= kTail95 + 1e-9);
      if (ranks.high >= 2) CHECK(1 - at_most(ranks.high - 2, n, p) > kTail95 - 1e-9);
    }
  }
}

TEST_CASE("well-known ranks come out: of the median of ten, the second and the ninth") {
  CHECK(rank_interval(10, 50) == RankInterval{2, 9});
  CHECK(rank_interval(5, 50) == RankInterval{0, 6});
  CHECK(rank_interval(6, 50) == RankInterval{1, 6});
}

TEST_CASE("an end that even the extreme value does not assure is unbounded") {
  const auto few = percentile(one_to(20), 95);
  CHECK(few->low_ns);
  CHECK_FALSE(few->high_ns);
  CHECK_FALSE(percentile(one_to(4), 50)->low_ns);
}

TEST_CASE("very many values take the normal distribution, which joins the exact one without a step") {
  const RankInterval exact = rank_interval(39'900, 50), normal = rank_interval(40'100, 50);
  CHECK(std::abs(static_cast<double>(normal.low) - 20'050 - (static_cast<double>(exact.low) - 19'950)) <= 2);
  CHECK(std::abs(static_cast<double>(normal.high) - 20'050 - (static_cast<double>(exact.high) - 19'950)) <= 2);
  CHECK(rank_interval(1'000'000'000, 99).low < 990'000'000);
  CHECK(rank_interval(1'000'000'000, 99).high > 990'000'000);
}

TEST_CASE("a mean keeps small differences at large values and has an interval from two values on") {
  const std::vector<std::int64_t> values{1'000'000'000'000'001, 1'000'000'000'000'003};
  const auto result = mean(values);
  CHECK(result->value_ns == 1'000'000'000'000'002);
  CHECK(*result->half_width_ns == Approx(1.95996 * std::sqrt(2.0) / std::sqrt(2.0)));
  CHECK_FALSE(mean(std::vector<std::int64_t>{7})->half_width_ns);
  CHECK_FALSE(mean({}));
}
