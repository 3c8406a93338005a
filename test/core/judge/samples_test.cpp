#include "core/judge/samples.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kBegin = utc_from_seconds(1'800'000'000);

SmokePoint point(std::uint64_t sent, std::uint64_t lost, std::optional<double> p50, std::optional<double> bound) {
  SmokePoint out{.begin = kBegin, .sent = sent, .lost = lost};
  out.p50 = p50;
  out.clock_bound = bound;
  return out;
}

/// Answers with one point for each step asked for, and notes how much was asked at once.
class Steps final : public Archive {
 public:
  Smoke smoke(const std::string&, std::uint32_t, Direction, TimeRange range, Duration resolution) const override {
    most = std::max(most, range.length() / resolution);
    Smoke out{resolution, {}};
    for (UtcTime t = align_down(range.begin, resolution); t < range.end; t += resolution) {
      if (t < range.begin) continue;
      out.points.push_back(point(10, 0, 0.01, 1e-6));
      out.points.back().begin = t;
    }
    return out;
  }
  bool store(Result) override { return false; }
  void store_event(Event) override {}
  void on_stored(std::function<void(std::shared_ptr<const Result>)>) override {}
  std::vector<SeriesInfo> series(const std::string&) const override { return {}; }
  Series fetch(const SeriesKey&, TimeRange, Duration) const override { return {}; }
  std::vector<std::shared_ptr<const Result>> results(const ResultQuery&) const override { return {}; }
  std::shared_ptr<const Result> result(const std::string&) const override { return {}; }
  std::vector<Event> events(TimeRange, const std::string&, std::size_t) const override { return {}; }
  std::vector<std::uint32_t> revisions(const std::string&) const override { return {}; }
  void delete_test(const std::string&) override {}
  ArchiveState state() const override { return {}; }
  void flush() override {}
  mutable std::int64_t most = 0;
};

}  // namespace

TEST_CASE("a point in which nothing was sent is no sample, one in which all was lost got no answer") {
  CHECK_FALSE(sample_of(point(0, 0, {}, {}), Direction::forward, 1min));
  const auto lost = sample_of(point(10, 10, {}, {}), Direction::forward, 1min);
  REQUIRE(lost);
  CHECK_FALSE(lost->answered);
  CHECK(lost->time == kBegin + 1min);
}

TEST_CASE("a one-way delay without a bound of both clocks is not valid; round trips and the same clock need none") {
  CHECK_FALSE(sample_of(point(10, 0, 0.01, {}), Direction::reverse, 1min)->clock_valid);
  CHECK(sample_of(point(10, 0, 0.01, 1e-4), Direction::reverse, 1min)->clock_bound == 100us);
  CHECK(sample_of(point(10, 0, 0.01, {}), Direction::round_trip, 1min)->clock_bound == Duration::zero());
  SmokePoint same = point(10, 0, 0.01, {});
  same.same_clock = true;
  CHECK(sample_of(same, Direction::forward, 1min)->clock_valid);
}

TEST_CASE("the past of a continuous test is read in small pieces, without gap or doubling, coarser before 14 days") {
  const Steps archive;
  const UtcTime end = align_down(kBegin, 5min);
  const auto past = read_past(archive, "t", 1, Direction::forward, 1min, {end - 28 * 24h, end});
  CHECK(archive.most <= 500);
  CHECK(past.size() == 14 * 288 + 14 * 1440);
  for (std::size_t i = 1; i < past.size(); ++i) {
    const Duration step = past[i].time - past[i - 1].time;
    if (step != 1min && step != 5min) FAIL("a step of " << format_duration(step) << " at " << format_utc(past[i].time));
  }
  CHECK(past.back().time == end);
}
