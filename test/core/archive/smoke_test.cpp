#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/archive/durable_archive.h"
#include "core/archive/tiers.h"
#include "core/base/random.h"
#include "core/statistics/delay_histogram.h"
#include "test/core/archive/archive_fixture.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

/// 100 delays of a minute, nanoseconds: a base that wanders, and a tail.
std::vector<std::int64_t> delays_of(int minute) {
  auto random = seeded_random(static_cast<std::uint64_t>(minute) + 1);
  std::vector<std::int64_t> delays;
  for (int i = 0; i < 100; ++i)
    delays.push_back(10'000'000 + 1000 * (minute % 50) +
                     static_cast<std::int64_t>(random->below(i % 10 == 0 ? 5'000'000 : 300'000)));
  return delays;
}

Result minute_of(int minute) {
  Result r = owamp_minute(minute);
  const HistogramClock clock{.bound = 400us, .same_clock = false};
  DirectionResult& forward = r.directions[0];
  forward.counts = {103, 100, 3, 0, 0, 0, 0};
  forward.histogram = DelayHistogram::of(delays_of(minute), clock).encode();
  return r;
}

struct Opened {
  void store_minutes(int first, int last) {
    for (int m = first; m < last; ++m) archive->store(minute_of(m));
    clock.set(kStart + (last + 1) * 1min);
    archive->maintain();
  }
  Smoke smoke(TimeRange range, Duration resolution) {
    return archive->smoke("path1", 1, Direction::forward, range, resolution);
  }
  MemoryFolder folder;
  SetClock clock{kStart + 1000 * 24h};
  std::unique_ptr<DurableArchive> archive = open_archive({.directory = folder.path()}, clock);
};

/// The truth over minutes [first, last).
std::vector<std::int64_t> all_delays(int first, int last) {
  std::vector<std::int64_t> all;
  for (int m = first; m < last; ++m) std::ranges::copy(delays_of(m), std::back_inserter(all));
  std::ranges::sort(all);
  return all;
}

void check(const SmokePoint& point, int first, int last) {
  const auto truth = all_delays(first, last);
  const auto at = [&](int percent) { return static_cast<double>(truth[rank_of(truth.size(), percent) - 1]) / 1e9; };
  CHECK(point.sent == 103u * static_cast<unsigned>(last - first));
  CHECK(point.lost == 3u * static_cast<unsigned>(last - first));
  CHECK(*point.min == Approx(static_cast<double>(truth.front()) / 1e9).epsilon(1e-12));
  CHECK(*point.max == Approx(static_cast<double>(truth.back()) / 1e9).epsilon(1e-12));
  // Bins are 1 µs wide near the least delay and 1 % of the distance beyond; up to three merges move by half a bin each.
  const double bin = 2.5e-6 + 0.02 * (*point.p90 - *point.min);
  CHECK(std::abs(*point.p10 - at(10)) < bin);
  CHECK(std::abs(*point.p50 - at(50)) < bin);
  CHECK(std::abs(*point.p90 - at(90)) < bin);
  CHECK(point.clock_bound == Approx(0.0004));
  CHECK_FALSE(point.same_clock);
}

}  // namespace

TEST_CASE("smoke at every width is that of all packets in it") {
  Opened opened;
  opened.store_minutes(0, 3 * 24 * 60);
  const TimeRange day{kStart + 24h, kStart + 48h};
  for (const auto& [resolution, minutes] :
       std::vector<std::pair<Duration, int>>{{1min, 1}, {5min, 5}, {10min, 10}, {1h, 60}, {3h, 180}, {24h, 1440}}) {
    const Smoke smoke = opened.smoke(day, resolution);
    CHECK(smoke.step == resolution);
    REQUIRE(smoke.points.size() == static_cast<std::size_t>(1440 / minutes));
    check(smoke.points[0], 1440, 1440 + minutes);
    check(smoke.points.back(), 2880 - minutes, 2880);
  }
}

TEST_CASE("the newest, not yet merged part is in the smoke at every width") {
  Opened opened;
  opened.store_minutes(0, 65);
  opened.archive->store(minute_of(65));
  opened.archive->flush();
  const auto points = opened.smoke({kStart, kStart + 2h}, 1h).points;
  REQUIRE(points.size() == 2);
  check(points[1], 60, 66);
}

TEST_CASE("a gap is no point, and all lost is a point without delays") {
  Opened opened;
  opened.store_minutes(0, 10);
  Result lost = minute_of(20);
  lost.directions[0].counts = {100, 0, 100, 0, 0, 0, 0};
  lost.directions[0].histogram = DelayHistogram{}.encode();
  opened.archive->store(lost);
  opened.clock.set(kStart + 1h);
  opened.archive->maintain();
  const auto points = opened.smoke({kStart, kStart + 30min}, 5min).points;
  REQUIRE(points.size() == 3);
  CHECK(points[2].begin == kStart + 20min);
  CHECK(points[2].lost == 100);
  CHECK_FALSE(points[2].p50);
}

TEST_CASE("percentiles of a wide point come from merged histograms") {
  Opened opened;
  opened.store_minutes(0, 130);
  const auto points =
      opened.archive->fetch({"path1", 1, "delay.p50", Direction::forward, ""}, {kStart, kStart + 2h}, 1h).points;
  REQUIRE(points.size() == 2);
  const auto truth = all_delays(60, 120);
  CHECK(std::abs(*points[1].value - static_cast<double>(truth[truth.size() / 2 - 1]) / 1e9) < 6e-6);
  CHECK(points[1].error == Approx(0.0004));
  const auto pdv =
      opened.archive->fetch({"path1", 1, "pdv.p50", Direction::forward, ""}, {kStart, kStart + 2h}, 1h).points;
  REQUIRE(pdv.size() == 2);
  CHECK(*pdv[1].value == Approx(*points[1].value - static_cast<double>(truth.front()) / 1e9));
}

TEST_CASE("a Result that comes after its hour was merged is merged in") {
  Opened opened;
  opened.store_minutes(0, 30);
  opened.store_minutes(31, 200);
  opened.archive->store(minute_of(30));
  opened.archive->maintain();
  check(opened.smoke({kStart, kStart + 1h}, 1h).points.at(0), 0, 60);
}

TEST_CASE("the finest histograms go after two weeks, the coarser ones stay and are drawn") {
  Opened opened;
  opened.store_minutes(0, 180);
  opened.clock.set(kStart + 20 * 24h);
  opened.archive->maintain();
  const Smoke old = opened.smoke({kStart, kStart + 3h}, 1min);
  CHECK(old.step == 5min);
  CHECK(old.points.size() == 36);
  opened.clock.set(kStart + 100 * 24h);
  opened.archive->maintain();
  CHECK(opened.smoke({kStart, kStart + 3h}, 1min).step == 1h);
  CHECK(opened.smoke({kStart, kStart + 3h}, 1min).points.size() == 3);
}
