#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <thread>

#include "core/archive/durable_archive.h"
#include "core/statistics/delay_histogram.h"
#include "core/statistics/loss.h"
#include "test/core/archive/archive_fixture.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

struct Opened {
  Opened() { reopen(); }
  void reopen() {
    archive.reset();
    archive = open_archive({.directory = folder.path()}, clock);
  }
  /// Minutes [first, last), each stored as soon as it is over.
  void store_minutes(int first, int last) {
    for (int m = first; m < last; ++m) {
      clock.set(kStart + (m + 2) * 1min);
      REQUIRE(archive->store(owamp_minute(m)));
      if (m % 500 == 499) archive->flush();
    }
    archive->flush();
  }
  Series fetch(const std::string& metric, TimeRange range, Duration resolution,
               Direction direction = Direction::forward) {
    return archive->fetch({"path1", 1, metric, direction, ""}, range, resolution);
  }
  MemoryFolder folder;
  SetClock clock{kStart};
  std::unique_ptr<DurableArchive> archive;
};

double least_delay(int minute) { return 0.010 + 0.000001 * (minute % 7); }

}  // namespace

TEST_CASE("the steps of a continuous test come back as they were stored, gaps included") {
  Opened opened;
  opened.store_minutes(0, 10);
  opened.store_minutes(15, 20);
  for (const bool reopened : {false, true}) {
    if (reopened) opened.reopen();
    const Series series = opened.fetch("delay.min", {kStart, kStart + 30min}, 1s);
    CHECK(series.step == 1min);
    REQUIRE(series.points.size() == 15);
    for (const Point& point : series.points) {
      const int minute = static_cast<int>((point.begin - kStart) / 1min);
      CHECK((minute < 10 || (minute >= 15 && minute < 20)));
      REQUIRE(point.value);
      CHECK(std::abs(*point.value - least_delay(minute)) < 1e-9);
      CHECK(point.error == Approx(0.0004));
    }
  }
}

TEST_CASE("one missing step stays missing: the next value does not reach back over it") {
  Opened opened;
  opened.store_minutes(0, 3);
  opened.store_minutes(4, 6);
  const Series series = opened.fetch("delay.p50", {kStart, kStart + 10min}, 1min);
  REQUIRE(series.points.size() == 5);
  CHECK(series.points[3].begin == kStart + 4min);
}

TEST_CASE("what is not in the files yet is joined from the journal") {
  Opened opened;
  opened.store_minutes(0, 5);
  opened.clock.set(kStart + 10min);
  std::atomic<bool> stored{false};
  opened.archive->on_stored([&](const auto&) { stored = true; });
  opened.archive->store(owamp_minute(5));
  while (!stored) std::this_thread::yield();
  CHECK(opened.fetch("delay.min", {kStart, kStart + 30min}, 1min).points.size() == 6);
}

TEST_CASE("loss over a wide point is all lost by all measured, with Wilson's error") {
  Opened opened;
  opened.store_minutes(0, 130);
  const Series series = opened.fetch("loss.ratio", {kStart, kStart + 2h}, 1h);
  CHECK(series.step == 1h);
  REQUIRE(series.points.size() == 2);
  const double lost = 60;  // minute % 3
  CHECK(series.points[0].value == Approx(lost / 36000).epsilon(1e-12));
  CHECK(series.points[0].low == Approx(0));
  CHECK(series.points[0].high == Approx(2.0 / 600));
  const Interval interval = wilson(60, 36000);
  CHECK(series.points[0].error == Approx((*interval.high - *interval.low) / 2));
}

TEST_CASE("counts of a wide point are sums over what was measured, also with gaps") {
  Opened opened;
  opened.store_minutes(0, 40);
  opened.store_minutes(50, 130);
  const Series series = opened.fetch("packets.sent", {kStart, kStart + 2h}, 1h);
  REQUIRE(series.points.size() == 2);
  CHECK(*series.points[0].value == Approx(50 * 600));
  CHECK(*series.points[1].value == Approx(60 * 600));
}

TEST_CASE("least and greatest of a wide point are those of its steps; the mean is weighed by packets") {
  Opened opened;
  opened.store_minutes(0, 130);
  const auto least = opened.fetch("delay.min", {kStart, kStart + 1h}, 5min).points;
  REQUIRE(least.size() == 12);
  CHECK(*least[0].value == Approx(0.010).epsilon(1e-12));
  CHECK(*least[0].high == Approx(0.010004).epsilon(1e-12));
  const auto mean = opened.fetch("delay.mean", {kStart, kStart + 5min}, 5min).points;
  REQUIRE(mean.size() == 1);
  double sum = 0, weight = 0;
  for (int m = 0; m < 5; ++m) {
    const double received = 600 - m % 3;
    sum += (least_delay(m) + 0.001) * received;
    weight += received;
  }
  CHECK(*mean[0].value == Approx(sum / weight).epsilon(1e-12));
}

TEST_CASE("the last, open part of a wide point is drawn from its steps") {
  Opened opened;
  opened.store_minutes(0, 70);
  const auto points = opened.fetch("packets.sent", {kStart, kStart + 2h}, 1h).points;
  REQUIRE(points.size() == 2);
  CHECK(*points[1].value == Approx(10 * 600));
}

TEST_CASE("no percentile is averaged: without histograms a wide point has none") {
  Opened opened;
  opened.store_minutes(0, 70);
  CHECK(opened.fetch("delay.p50", {kStart, kStart + 1h}, 5min).points.empty());
  for (const Point& point : opened.fetch("ipdv.p95", {kStart, kStart + 1h}, 5min).points) {
    CHECK_FALSE(point.value);
    CHECK(point.low == Approx(0.000125));
  }
}

TEST_CASE("a late Result stays beside the series and is drawn where it belongs") {
  Opened opened;
  opened.store_minutes(0, 3);
  opened.store_minutes(4, 6);
  opened.archive->store(owamp_minute(3));
  opened.archive->flush();
  const auto points = opened.fetch("delay.min", {kStart, kStart + 10min}, 1min).points;
  REQUIRE(points.size() == 6);
  CHECK(std::abs(*points[3].value - least_delay(3)) < 1e-9);
  CHECK(opened.archive->results({.test = "path1"}).size() == 6);
}

TEST_CASE("a run that begins a little beside its step stands in it, from the journal and from the files alike") {
  Opened opened;
  opened.clock.set(kStart + 1h);
  const Duration beside[] = {0ms, 3ms, 250ms, -1ms, 0ms};
  std::atomic<int> stored{0};
  opened.archive->on_stored([&](const auto&) { ++stored; });
  int minute = 0;
  for (const Duration by : beside) {
    Result run = owamp_minute(minute);
    run.begin = kStart + minute++ * 1min + by;
    run.end = run.begin + 20ms;
    REQUIRE(opened.archive->store(run));
  }
  while (stored < 5) std::this_thread::yield();
  for (const bool carried_over : {false, true}) {
    if (carried_over) opened.archive->flush();
    const Series series = opened.fetch("delay.min", {kStart - 1min, kStart + 30min}, 1s);
    std::vector<int> minutes;
    for (const Point& point : series.points) minutes.push_back(static_cast<int>((point.begin - kStart) / 1min));
    CHECK(minutes == std::vector{0, 1, 2, 3, 4});
  }
}

TEST_CASE("no series goes beyond the believed time") {
  Opened opened;
  opened.store_minutes(0, 3);
  opened.archive->store(owamp_minute(1'000'000));
  opened.archive->flush();
  opened.store_minutes(3, 6);
  CHECK(opened.fetch("delay.min", {kStart, kStart + 10min}, 1min).points.size() == 6);
  CHECK(opened.archive->results({.test = "path1"}).size() == 7);
}

TEST_CASE("event results keep their own times at every width") {
  Opened opened;
  for (int i = 0; i < 20; ++i) opened.archive->store(ping_run(kStart + i * 37s));
  opened.archive->flush();
  for (const Duration resolution : {Duration{1s}, Duration{24h}}) {
    const Series series =
        opened.archive->fetch({"ping1", 1, "delay.p50", Direction::round_trip, ""}, {kStart, kStart + 1h}, resolution);
    REQUIRE(series.points.size() == 20);
    CHECK(series.points[3].begin == kStart + 3 * 37s);
    CHECK(series.points[3].value == 0.0213);
  }
}

TEST_CASE("series are listed with their extent and step, subjects apart") {
  Opened opened;
  opened.store_minutes(0, 10);
  Result poll;
  poll.id = "poll";
  poll.test = "if";
  poll.begin = kStart;
  poll.end = kStart + 10s;
  poll.continuous = true;
  poll.step = 10s;
  static const Metric rate{"interface.in_rate", "received", Unit::bits_per_second, MetricKind::counter, "", ""};
  for (const char* name : {"eth0", "eth1"}) poll.statistics.push_back({&rate, Direction::local, name, 1e6, {}, {}, {}});
  opened.archive->store(poll);
  opened.archive->flush();
  const auto interfaces = opened.archive->series("if");
  REQUIRE(interfaces.size() == 2);
  CHECK(interfaces[0].key.subject == "eth0");
  CHECK(interfaces[0].step == 10s);
  CHECK(opened.archive->fetch(interfaces[1].key, {kStart, kStart + 1min}, 1s).points.size() == 1);
  const auto path = opened.archive->series("path1");
  REQUIRE_FALSE(path.empty());
  CHECK(path[0].extent == TimeRange{kStart, kStart + 10min});
}

TEST_CASE("metrics that come later get files of their own") {
  Opened opened;
  Result bare = owamp_minute(0);
  std::erase_if(bare.statistics, [](const Statistic& s) { return s.metric->key == "delay.p99"; });
  opened.archive->store(bare);
  opened.clock.set(kStart + 2min);
  opened.archive->flush();
  opened.store_minutes(1, 5);
  CHECK(opened.fetch("delay.p99", {kStart, kStart + 10min}, 1min).points.size() == 4);
  CHECK(opened.fetch("delay.p95", {kStart, kStart + 10min}, 1min).points.size() == 5);
}

TEST_CASE("a new revision has its own series") {
  Opened opened;
  opened.store_minutes(0, 3);
  Result next = owamp_minute(3);
  next.revision = 2;
  opened.clock.set(kStart + 5min);
  opened.archive->store(next);
  opened.archive->flush();
  CHECK(opened.archive->revisions("path1") == std::vector<std::uint32_t>{1, 2});
  CHECK(opened.fetch("delay.min", {kStart, kStart + 10min}, 1min).points.size() == 3);
  opened.reopen();
  CHECK(opened.archive->revisions("path1") == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("a deleted test leaves nothing behind") {
  Opened opened;
  opened.store_minutes(0, 10);
  opened.archive->store(ping_run(kStart));
  opened.archive->store_event({"", kStart, "run_failed", "path1", "gone"});
  opened.archive->delete_test("path1");
  CHECK(opened.archive->results({.test = "path1"}).empty());
  CHECK(opened.archive->series("path1").empty());
  opened.archive->flush();
  for (const bool reopened : {false, true}) {
    if (reopened) opened.reopen();
    CHECK(opened.archive->results({}).size() == 1);
    CHECK(opened.archive->series("path1").empty());
    CHECK(opened.archive->revisions("path1").empty());
    CHECK(opened.archive->events({}, "path1", 10).empty());
    CHECK(opened.fetch("delay.min", {kStart, kStart + 10min}, 1min).points.empty());
    for (const char* part : {"series", "copies"})
      for (const auto& entry : std::filesystem::recursive_directory_iterator(opened.folder.path() / part))
        CHECK_FALSE(entry.is_regular_file());
  }
}
