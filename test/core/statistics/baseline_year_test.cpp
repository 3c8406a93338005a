#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "core/statistics/baseline.h"
#include "test/core/statistics/generated_year.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;
using Samples = std::vector<BaselineSample>;

namespace {

/// As a node uses it: a baseline built anew each day, a judgement with each Result.
class Watch {
 public:
  explicit Watch(SeriesKind kind) : kind_(kind) {}

  Verdict at(const Samples& samples, std::size_t i) {
    constexpr std::size_t kRecent = 20;
    const UtcTime time = samples[i].time;
    if (time - built_ >= 24h) {
      baseline_ = build_baseline(kind_, std::span(samples).first(i), time);
      built_ = time;
    }
    const std::size_t n = std::min(i + 1, kRecent);
    return judge(baseline_, std::span(samples).subspan(i + 1 - n, n)).verdict;
  }

 private:
  SeriesKind kind_;
  Baseline baseline_;
  UtcTime built_{};
};

/// How often the path turned from normal to worse, in the worst 30 days.
int alarms_per_month(SeriesKind kind, const Samples& samples) {
  Watch watch(kind);
  std::map<std::int64_t, int> months;
  bool bad = false;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const bool worse = watch.at(samples, i) == Verdict::worse;
    if (worse && !bad) ++months[(samples[i].time - GeneratedYear::kFirst) / (30 * 24h)];
    bad = worse;
  }
  int most = 0;
  for (const auto& [month, alarms] : months) most = std::max(most, alarms);
  return most;
}

/// The first Result from number `from` on that is called worse, counted from 1; 0 = before, -1 = none of 60.
int found_after(SeriesKind kind, const Samples& samples, std::size_t from) {
  Watch watch(kind);
  for (std::size_t i = from - 1; i < std::min(samples.size(), from + 60); ++i) {
    if (watch.at(samples, i) == Verdict::worse) return static_cast<int>(i + 1 - from);
  }
  return -1;
}

}  // namespace

TEST_CASE("a year of normal delay and loss gives at most one false alarm per path and month") {
  struct {
    const char* name;
    NormalPath path;
    Duration step;
  } const cases[] = {
      {"continuous, regional", {}, 1min},
      {"continuous, overseas with busy evenings", {.delay = 80e-3, .rush = 5e-3, .noise = 1e-3, .loss = 1e-3}, 1min},
      {"every 5 min, local", {.delay = 0.2e-3, .rush = 0.05e-3, .noise = 0.02e-3, .loss = 1e-3, .packets = 100}, 5min},
      {"every 5 min, lossy radio", {.delay = 5e-3, .rush = 0.3e-3, .loss = 1e-2, .packets = 20}, 5min},
      {"hourly pings", {.noise = 0.1e-3, .bursts_per_day = 0.1, .loss = 1e-3, .packets = 10}, 1h},
  };
  for (const auto& [name, path, step] : cases) {
    INFO(name);
    const Samples year = GeneratedYear(path, step, 11).days(365);
    CHECK(alarms_per_month(SeriesKind::delay, year) <= 1);
    CHECK(alarms_per_month(SeriesKind::loss, year) <= 1);
  }
}

TEST_CASE("a step of 2 ms is found within 12 min by a continuous test, whenever it happens") {
  // A Result's record is complete 40 s after its end: threshold and grace.
  constexpr Duration kClosed = 40s;
  Samples samples = GeneratedYear({}, 1min, 5).days(31);
  const auto random = seeded_random(6);
  for (int i = 0; i < 40; ++i) {
    const std::size_t from = 29 * 1440 + random->below(1440);
    const Duration into{static_cast<std::int64_t>(random->below(60'000'000'000))};
    Samples stepped = samples;
    // The minute in which it happens has the new median if it came in the first half.
    const std::size_t first = into < 30s ? from : from + 1;
    for (std::size_t k = first; k < stepped.size(); ++k) *stepped[k].value += 2e-3;
    const int results = found_after(SeriesKind::delay, stepped, from);
    REQUIRE(results > 0);
    CHECK(results * 1min - into + kClosed <= 12min);
  }
}

TEST_CASE("a step of 2 ms is found within five results by any other test") {
  for (const Duration step : {Duration{3min}, Duration{5min}, Duration{10min}, Duration{15min}, Duration{1h}}) {
    Samples samples = GeneratedYear({.bursts_per_day = 0.1, .packets = 100}, step, 8).days(36);
    const auto day = static_cast<std::size_t>(24h / step);
    for (std::size_t i = 0; i < 20; ++i) {
      Samples stepped = samples;
      const std::size_t from = 29 * day + i * day / 20;
      for (std::size_t k = from; k < stepped.size(); ++k) *stepped[k].value += 2e-3;
      INFO("every " << format_duration(step) << ", step at " << from);
      const int results = found_after(SeriesKind::delay, stepped, from);
      CHECK(results >= 1);
      CHECK(results <= 5);
    }
  }
}

TEST_CASE(
    "a year of normal throughput gives at most one false alarm per month, and a fall by half is found in two runs") {
  const auto random = seeded_random(12);
  Samples samples;
  for (int i = 0; i < 365 * 4; ++i) {
    // Mostly near the line rate, one run in ten shares the line with somebody.
    const double share = random->below(10) == 0 ? 0.75 + 0.2 * random->unit() : 0.97 + 0.02 * random->unit();
    samples.push_back({.time = GeneratedYear::kFirst + i * 6h, .value = share * 941e6, .clock_bound = {}});
  }
  CHECK(alarms_per_month(SeriesKind::throughput, samples) <= 1);
  for (std::size_t from = 40; from < 400; from += 17) {
    Samples halved = samples;
    for (std::size_t k = from; k < halved.size(); ++k) *halved[k].value *= 0.5;
    const int runs = found_after(SeriesKind::throughput, halved, from);
    CHECK(runs >= 1);
    CHECK(runs <= 2);
  }
}
