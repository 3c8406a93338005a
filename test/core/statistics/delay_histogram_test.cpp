#include "core/statistics/delay_histogram.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/base/random.h"
#include "core/statistics/histogram_bins.h"

using namespace sonde;
using namespace std::chrono_literals;
namespace bins = sonde::histogram_bins;

namespace {

constexpr HistogramClock kClock{.bound = 100us, .same_clock = false};
using Numbers = std::vector<std::int64_t>;

DelayHistogram of(const Numbers& delays) { return DelayHistogram::of(delays, kClock); }

Numbers spread_out(std::uint64_t seed, std::size_t n, std::int64_t base) {
  const auto random = seeded_random(seed);
  Numbers delays;
  for (std::size_t i = 0; i < n; ++i) {
    const auto magnitude = random->below(36);
    delays.push_back(base + static_cast<std::int64_t>(random->below(std::uint64_t{1} << magnitude)));
  }
  return delays;
}

}  // namespace

TEST_CASE("bins join without gap or overlap, 1 µs wide up to 1 ms and at most 1 % beyond") {
  for (unsigned i = 0; i < bins::kBins; ++i) {
    REQUIRE(bins::index(bins::low(i)) == i);
    REQUIRE(bins::index(bins::low(i) + bins::width(i) - 1) == i);
    if (i + 1 < bins::kBins) REQUIRE(bins::low(i) + bins::width(i) == bins::low(i + 1));
    if (bins::low(i) < 1'000'000) {
      REQUIRE(bins::width(i) == 1'000);
    } else {
      REQUIRE(bins::width(i) * 100 <= bins::low(i));
    }
  }
}

TEST_CASE("bins are absolute delays that hold their packets, also negative ones") {
  const auto histogram = of({-5'000'000, -4'999'001, -4'999'000, -3'000'000, 2'000'000'000});
  const auto all = histogram.bins();
  REQUIRE(all.size() == 4);
  CHECK(all[0].low_ns == -5'000'000);
  CHECK(all[0].high_ns == -4'999'000);
  CHECK(all[0].count == 2);
  CHECK(all[1].low_ns == -4'999'000);
  CHECK(all[3].low_ns <= 2'000'000'000);
  CHECK(all[3].high_ns > 2'000'000'000);
  CHECK(histogram.min_ns() == -5'000'000);
  CHECK(histogram.max_ns() == 2'000'000'000);
  CHECK(histogram.count() == 5);
}

TEST_CASE("delays at the ends of time are cut, not wrapped") {
  const auto histogram = of({std::numeric_limits<std::int64_t>::min(), 0, std::numeric_limits<std::int64_t>::max()});
  CHECK(histogram.count() == 3);
  CHECK(histogram.min_ns() < 0);
  CHECK(histogram.max_ns() > 0);
  CHECK(DelayHistogram::decode(histogram.encode()) == histogram);
}

TEST_CASE("percentiles of a histogram agree with those of its packets to within a bin") {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    Numbers delays = spread_out(seed, 2000, 13'000'000);
    const auto histogram = of(delays);
    std::ranges::sort(delays);
    for (const int percent : {10, 25, 50, 75, 90, 95, 99}) {
      const auto exact = percentile(delays, percent), binned = histogram.percentile(percent);
      const std::int64_t width = std::max<std::int64_t>(1'000, (exact->value_ns - delays.front()) / 100);
      CHECK(std::abs(exact->value_ns - binned->value_ns) <= width);
      CHECK(*binned->low_ns <= *exact->low_ns);
      CHECK(*binned->high_ns >= *exact->high_ns);
    }
  }
}

TEST_CASE("a histogram publishes percentiles by the same rule as packets do") {
  CHECK_FALSE(of({1}).percentile(50));
  CHECK(of({1, 2}).percentile(50));
  CHECK_FALSE(of(Numbers(99, 5)).percentile(99));
  CHECK(of(Numbers(100, 5)).percentile(99));
  CHECK_FALSE(DelayHistogram{}.percentile(50));
}

TEST_CASE("equal delays give just that delay, not the middle of a bin") {
  CHECK(of(Numbers(100, 13'000'000)).percentile(50)->value_ns == 13'000'000);
}

TEST_CASE("merging histograms of one base is exact") {
  const auto a = of({1'000'000, 1'500'000, 9'000'000}), b = of({1'000'000, 1'500'300, 7'000'000'000});
  const DelayHistogram parts[] = {a, b};
  const auto merged = DelayHistogram::merge(parts);
  CHECK(merged == of({1'000'000, 1'500'000, 9'000'000, 1'000'000, 1'500'300, 7'000'000'000}));
  CHECK(merged.merges() == 0);
  CHECK(merged.merge_error_ns(5'000'000'000) == 0);
}

TEST_CASE("merging keeps count, least and greatest delay, and the worst clock") {
  const auto a = DelayHistogram::of(Numbers{5'000, 9'000}, {.bound = 10us, .same_clock = true});
  const auto b = DelayHistogram::of(Numbers{3'300, 70'000'000}, {.bound = 40us, .same_clock = false});
  const auto c = DelayHistogram::of(Numbers{4'000}, {.bound = std::nullopt, .same_clock = true});
  const DelayHistogram two[] = {a, DelayHistogram{}, b}, three[] = {a, b, c};
  const auto merged = DelayHistogram::merge(two);
  CHECK(merged.count() == 4);
  CHECK(merged.min_ns() == 3'300);
  CHECK(merged.max_ns() == 70'000'000);
  CHECK(merged.clock() == HistogramClock{40us, false});
  CHECK(merged.merges() == 1);
  CHECK_FALSE(DelayHistogram::merge(three).clock().bound);
  CHECK(DelayHistogram::merge({}).empty());
}

TEST_CASE("after merges every percentile still holds the true one within its interval") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Numbers all;
    std::vector<DelayHistogram> hours;
    for (std::uint64_t hour = 0; hour < 3; ++hour) {
      std::vector<DelayHistogram> minutes;
      for (std::uint64_t i = 0; i < 10; ++i) {
        const auto delays = spread_out(seed * 1000 + hour * 10 + i, 200,
                                       static_cast<std::int64_t>(13'000'000 + 777 * i - 12'345 * hour));
        all.insert(all.end(), delays.begin(), delays.end());
        minutes.push_back(of(delays));
      }
      hours.push_back(DelayHistogram::merge(minutes));
    }
    const auto day = DelayHistogram::merge(hours);
    std::ranges::sort(all);
    CHECK(day.count() == all.size());
    CHECK(day.merges() == 2);
    for (const int percent : {10, 25, 50, 75, 90, 95, 99}) {
      const auto exact = percentile(all, percent), binned = day.percentile(percent);
      INFO("seed " << seed << " percent " << percent);
      CHECK(*binned->low_ns <= *exact->low_ns);
      CHECK(*binned->high_ns >= *exact->high_ns);
      const std::int64_t width = bins::width(bins::index(exact->value_ns - day.min_ns()));
      CHECK(std::abs(exact->value_ns - binned->value_ns) <= 2 * width + day.merge_error_ns(exact->value_ns));
    }
  }
}

TEST_CASE("a histogram is written and read back") {
  for (const auto& histogram :
       {DelayHistogram{}, of({}), of({0}), of({-7'777'777}), of(spread_out(9, 5000, -1'000'000)),
        DelayHistogram::of(Numbers{1, 2, 3}, {.bound = std::nullopt, .same_clock = true})}) {
    CHECK(DelayHistogram::decode(histogram.encode()) == histogram);
  }
}

TEST_CASE("merged histograms are written and read back") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const DelayHistogram parts[] = {of(spread_out(seed, 5, 13'000'000)), of(spread_out(seed + 1000, 5, 900'000'000))};
    const auto merged = DelayHistogram::merge(parts);
    CHECK(DelayHistogram::decode(merged.encode()) == merged);
  }
}

TEST_CASE("an ordinary minute takes few bytes") {
  Numbers delays;
  const auto random = seeded_random(3);
  for (int i = 0; i < 600; ++i) delays.push_back(13'000'000 + static_cast<std::int64_t>(random->below(100'000)));
  CHECK(of(delays).encode().size() < 220);
}

TEST_CASE("a histogram that is cut short anywhere is refused") {
  const Bytes whole = of(spread_out(4, 300, 20'000'000)).encode();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO(n);
    CHECK_FALSE(DelayHistogram::decode(std::span(whole).first(n)));
  }
  Bytes longer = whole;
  longer.push_back(std::byte{0});
  CHECK_FALSE(DelayHistogram::decode(longer));
}

TEST_CASE("a histogram with any byte flipped is refused or is a sound one that reads the same again") {
  const Bytes whole = of(spread_out(5, 100, -3'000'000)).encode();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes flipped = whole;
      flipped[i] ^= std::byte{static_cast<unsigned char>(1U << bit)};
      const auto histogram = DelayHistogram::decode(flipped);
      if (!histogram) continue;
      CHECK(histogram->encode() == flipped);
      std::uint64_t sum = 0;
      for (const auto& bin : histogram->bins()) sum += bin.count;
      CHECK(sum == histogram->count());
      CHECK(histogram->min_ns() <= histogram->max_ns());
      for (const int percent : {1, 50, 99}) (void)histogram->percentile(percent);
      const DelayHistogram both[] = {*histogram, of({0, 5})};
      CHECK(DelayHistogram::merge(both).count() == histogram->count() + 2);
    }
  }
}

TEST_CASE("a histogram that claims more cells, packets or time than there can be is refused before memory is taken") {
  for (const char* text :
       {"", "01", "0200 00", "0104 00", "0100 ffffffffffffffff7f", "0100 80 00", "0100 01 00 00 00 01 00",
        "0100 01 00 00 65 00 00", "0100 01 ffffffffffffffff7f 00 00 00 00", "0100 01 00 00 00 00 ffffffffffffff7f",
        "0100 01 00 01 00 00 00 00", "0100 01 00 a08d06 00 00 00", "0100 01 00 00 01 01 00",
        "0100 02 00 00 01 00 00 cf28 00", "0100 02 00 00 01 00 ffffffffffff3f 00 00"}) {
    std::string digits = text;
    std::erase(digits, ' ');
    INFO(text);
    CHECK_FALSE(DelayHistogram::decode(from_hex(digits)));
  }
  CHECK(DelayHistogram::decode(from_hex("010000")));
  CHECK(
      DelayHistogram::decode(from_hex("01000100000000"
                                      "00")));
}
