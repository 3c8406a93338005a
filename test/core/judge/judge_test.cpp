#include "core/judge/judge.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/base/random.h"
#include "test/support/manual_clock.h"
#include "test/support/memory_archive.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kPackets = 600;

/// One minute of one direction.
Result minute(UtcTime begin, double delay, std::uint64_t lost = 0, Direction direction = Direction::forward) {
  static std::uint64_t number = 0;
  Result result;
  result.id = std::to_string(1'000'000'000 + ++number);
  result.test = "t";
  result.begin = begin;
  result.end = begin + 5min;
  result.local_clock = result.remote_clock = {100us, true, true, "chrony"};
  if (lost < kPackets) result.statistics.push_back({&metric::delay_p50, direction, "", delay, {}, Basis::sampling, ""});
  result.directions.push_back({direction, {.sent = kPackets, .received = kPackets - lost, .lost = lost}, {}, {}});
  return result;
}

/// A week of a ping every 5 min, then a node that starts.
struct House {
  ManualClock clock{utc_from_seconds(1'800'000'000)};
  MemoryArchive archive;
  std::shared_ptr<Config> config = std::make_shared<Config>();
  Judge judge{archive, clock};
  std::unique_ptr<Random> random = seeded_random(3);

  explicit House(int results = 2000) {
    TestSpec spec;
    spec.id = "t";
    spec.schedule = {.kind = Schedule::Kind::every, .period = 5min};
    config->tests = {spec};
    clock.advance(results * 5min);
    for (int i = results; i > 0; --i) archive.store(minute(clock.utc_now() - i * 5min, usual()));
  }
  double usual() { return 0.013 + 0.0001 * random->unit(); }
  void start() {
    std::map<std::string, std::shared_ptr<const Result>> latest;
    const auto newest = archive.results({.test = "t", .range = {UtcTime{}, UtcTime::max()}, .limit = 1});
    if (!newest.empty()) latest["t"] = newest.front();
    judge.follow(config, latest);
    while (judge.work()) {
    }
  }
  void pass(double delay, std::uint64_t lost = 0) {
    Result result = minute(clock.utc_now(), delay, lost);
    clock.advance(5min);
    archive.store(result);
    judge.take(result);
  }
  Judged now() { return judge.find({"t", 1, Direction::forward}).value(); }
};

}  // namespace

TEST_CASE("a path as usual is good, from the first moment after a restart") {
  House house;
  house.start();
  CHECK(house.now().state == PathState::good);
  CHECK(house.now().baseline_results > 1900);
  CHECK(house.now().normal_delay.p50 == Approx(0.01305).margin(0.0001));
  CHECK_FALSE(house.now().since);
}

TEST_CASE("two milliseconds more are watched at once and bad within five results, with the time they began") {
  House house;
  house.start();
  const UtcTime begun = house.clock.utc_now();
  house.pass(house.usual() + 0.002);
  CHECK(house.now().state != PathState::bad);
  int results = 1;
  while (house.now().state != PathState::bad && results < 10) house.pass(house.usual() + 0.002), ++results;
  CHECK(results <= 5);
  CHECK(house.now().delay.verdict == Verdict::worse);
  REQUIRE(house.now().since);
  CHECK(*house.now().since >= begun);
  CHECK(*house.now().since <= begun + 10min);
  for (int i = 0; i < 6; ++i) house.pass(house.usual());
  CHECK(house.now().state == PathState::good);
  CHECK_FALSE(house.now().since);
}

TEST_CASE("loss beyond the usual is bad") {
  House house;
  house.start();
  for (int i = 0; i < 3; ++i) house.pass(house.usual(), 30);
  CHECK(house.now().state == PathState::bad);
  CHECK(house.now().loss.verdict == Verdict::worse);
  CHECK(house.now().loss.value == Approx(0.05));
}

TEST_CASE("a path without an answer is bad, one without results for long is unknown since the last") {
  House house;
  house.start();
  house.pass(0, kPackets);
  CHECK(house.now().state == PathState::bad);
  CHECK(house.now().delay.verdict == Verdict::no_answer);
  const auto updated = house.now().updated;
  house.clock.advance(1h);
  CHECK(house.now().state == PathState::unknown);
  CHECK(house.now().since == updated);
}

TEST_CASE("a run that fails without counts speaks about every direction that the test has had") {
  House house;
  house.start();
  Result failed;
  failed.id = "2000000000";
  failed.test = "t";
  failed.outcome = Outcome::failed;
  failed.begin = failed.end = house.clock.utc_now();
  house.judge.take(failed);
  CHECK(house.now().state == PathState::bad);
}

TEST_CASE("few results only teach, but one percent of loss is told all the same") {
  House house(50);
  house.start();
  CHECK(house.now().state == PathState::learning);
  house.pass(house.usual() + 0.5);
  CHECK(house.now().state == PathState::learning);
  house.pass(house.usual(), 60);
  CHECK(house.now().state == PathState::bad);
  CHECK(house.now().loss.verdict == Verdict::lossy);
}

TEST_CASE("a clock that nobody vouches for makes a one-way delay mean nothing") {
  House house;
  house.start();
  Result result = minute(house.clock.utc_now(), 0.013);
  result.remote_clock.bound.reset();
  house.judge.take(result);
  CHECK(house.now().state == PathState::watch);
  CHECK(house.now().delay.verdict == Verdict::clock_invalid);
}

TEST_CASE("skipped and refused runs and results in doubt say nothing about the path") {
  House house;
  house.start();
  const auto updated = house.now().updated;
  Result result = minute(house.clock.utc_now() + 5min, 1.0, kPackets);
  result.outcome = Outcome::skipped;
  house.judge.take(result);
  result.outcome = Outcome::refused;
  house.judge.take(result);
  result.outcome = Outcome::done;
  result.time_in_doubt = true;
  house.judge.take(result);
  CHECK(house.now().updated == updated);
  CHECK(house.now().state == PathState::good);
}

TEST_CASE("results of another revision, of unknown tests and late ones are not taken") {
  House house;
  house.start();
  const auto updated = house.now().updated;
  Result other = minute(house.clock.utc_now() + 5min, 1.0);
  other.revision = 2;
  house.judge.take(other);
  other.revision = 1;
  other.test = "unknown";
  house.judge.take(other);
  Result late = minute(house.clock.utc_now() - 1h, 1.0);
  house.judge.take(late);
  CHECK(house.now().updated == updated);
  CHECK(house.judge.of_test(house.config->tests[0]).size() == 1);
}

TEST_CASE("a new revision begins to learn anew, a deleted test is forgotten") {
  House house;
  house.start();
  auto next = std::make_shared<Config>(*house.config);
  next->tests[0].revision = 2;
  house.judge.follow(next, {});
  CHECK_FALSE(house.judge.find({"t", 1, Direction::forward}));
  Result result = minute(house.clock.utc_now(), 0.013);
  result.revision = 2;
  house.judge.take(result);
  CHECK(house.judge.find({"t", 2, Direction::forward})->state == PathState::learning);
  house.judge.follow(std::make_shared<Config>(), {});
  CHECK_FALSE(house.judge.find({"t", 2, Direction::forward}));
}

TEST_CASE("after a restart amid trouble the time it began is found again") {
  House house(28 * 288);
  const UtcTime begun = house.clock.utc_now();
  for (int i = 0; i < 24; ++i) house.pass(house.usual() + 0.005);
  house.start();
  CHECK(house.now().state == PathState::bad);
  REQUIRE(house.now().since);
  CHECK(*house.now().since >= begun);
  CHECK(*house.now().since <= begun + 20min);
}
