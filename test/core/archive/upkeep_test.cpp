#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "core/archive/budget.h"
#include "core/archive/disk.h"
#include "core/archive/durable_archive.h"
#include "core/archive/journal.h"
#include "core/base/random.h"
#include "core/statistics/delay_histogram.h"
#include "test/core/archive/archive_fixture.h"
#include "test/support/faulty_disk.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

struct Home {
  explicit Home(ArchiveOptions more = {}) : options(std::move(more)) { reopen(); }
  void reopen() {
    archive.reset();
    options.directory = folder.path();
    archive = open_archive(options, clock);
  }
  std::size_t count(const std::string& test) { return archive->results({.test = test, .limit = 1'000'000}).size(); }
  MemoryFolder folder;
  SetClock clock{kStart};
  ArchiveOptions options;
  std::unique_ptr<DurableArchive> archive;
};

/// With 600 packets and a histogram in both directions, as wide as a busy path's.
Result busy_minute(int minute, Random& random) {
  Result r = owamp_minute(minute);
  for (DirectionResult& d : r.directions) {
    std::vector<std::int64_t> delays;
    for (std::uint32_t i = 0; i < 600; ++i) {
      delays.push_back(13'000'000 +
                       static_cast<std::int64_t>(random.below(random.below(4) == 0 ? 2'000'000 : 200'000)));
      const UtcTime sent = r.begin + i * 100ms + Duration{static_cast<std::int64_t>(random.below(100'000'000))};
      d.packets.push_back({i, sent, sent + 20us, sent + Duration{delays.back()}, 56});
    }
    d.histogram = DelayHistogram::of(delays, {.bound = 400us, .same_clock = false}).encode();
  }
  return r;
}

template <typename Condition>
void wait_for(Condition condition) {
  while (!condition()) std::this_thread::sleep_for(1ms);
}

}  // namespace

TEST_CASE("a full disk stops storing with one sentence; what waited is stored when there is room") {
  std::atomic<std::uint64_t> free{1 << 30};
  Home home({.free_floor_octets = 1 << 20, .queue_octets = 1 << 20, .free_octets = [&] { return free.load(); }});
  home.archive->store(ping_run(kStart));
  home.archive->flush();
  free = 1000;
  std::atomic<int> announced{0};
  home.archive->on_stored([&](const auto&) { ++announced; });
  for (int i = 1; i <= 20; ++i) CHECK(home.archive->store(ping_run(kStart + i * 1min)));
  wait_for([&] { return !home.archive->state().storing; });
  home.archive->flush();  // does not wait for a disk that is full
  const ArchiveState state = home.archive->state();
  CHECK(announced == 0);
  CHECK(state.queued >= 20);
  CHECK(state.sentence.find("Storing stopped at 2026-03-01T00:00:00Z") == 0);
  CHECK(state.sentence.find("Make room") != std::string::npos);
  std::size_t refused = 0;
  for (int i = 0; i < 1000; ++i) refused += !home.archive->store(owamp_minute(i));
  CHECK(refused > 0);
  CHECK(home.archive->state().overflowed == refused);
  free = 1 << 30;
  wait_for([&] { return home.archive->state().storing; });
  CHECK(home.archive->state().sentence.empty());
  home.archive->flush();
  CHECK(announced == static_cast<int>(20 + 1000 - refused));
  CHECK(home.count("ping1") == 21);
}

TEST_CASE("a disk that says full only when written to is met the same way") {
  FaultyDisk disk(1);
  Home home({.vfs = disk.name()});
  home.archive->store(ping_run(kStart));
  home.archive->flush();
  disk.set_full(true);
  home.archive->store(ping_run(kStart + 1min));
  wait_for([&] { return !home.archive->state().storing; });
  CHECK(home.archive->state().sentence.find("is full") != std::string::npos);
  disk.set_full(false);
  wait_for([&] { return home.archive->state().storing; });
  home.archive->flush();
  CHECK(home.count("ping1") == 2);
}

TEST_CASE("the limit that the operator set is kept, and lifted at once when it is raised") {
  Home home({.disk_limit_octets = 1});
  home.archive->store(ping_run(kStart));
  wait_for([&] { return !home.archive->state().storing; });
  CHECK(home.archive->state().sentence.find("limit") != std::string::npos);
  home.archive->set_disk_limit(1 << 30);
  wait_for([&] { return home.archive->state().storing; });
  home.archive->flush();
  CHECK(home.count("ping1") == 1);
}

TEST_CASE("results in doubt move with the clock's steps until it is believed, and nothing is lost") {
  Home home({.boot_id = "one boot"});
  const auto in_doubt = [](UtcTime begin) {
    Result r = ping_run(begin, "doubt");
    r.id = id_of(static_cast<std::uint64_t>(begin.time_since_epoch().count()) % 1'000'000'007);
    r.time_in_doubt = true;
    return r;
  };
  home.clock.believe(false);
  home.clock.set(utc_from_seconds(100));
  home.archive->store(in_doubt(utc_from_seconds(60)));
  home.archive->flush();
  home.reopen();  // a restart within the boot
  const Duration to_2036 = utc_from_seconds(2'100'000'000) - utc_from_seconds(0);
  home.archive->clock_stepped(to_2036, false);
  home.clock.set(utc_from_seconds(2'100'000'100));
  home.archive->store(in_doubt(utc_from_seconds(2'100'000'090)));
  home.archive->flush();
  const Duration back = (kStart + 200s) - utc_from_seconds(2'100'000'100);
  home.archive->clock_stepped(back, true);
  home.clock.believe(true);
  home.clock.set(kStart + 200s);
  home.archive->store(owamp_minute(0));
  home.archive->maintain();
  const auto results = home.archive->results({.test = "doubt", .with_packets = true});
  REQUIRE(results.size() == 2);
  CHECK(results[1]->begin == kStart + 160s);
  CHECK(results[0]->begin == kStart + 190s);
  CHECK(results[0]->time_in_doubt);
  CHECK(results[0]->directions[0].packets.at(0).scheduled == kStart + 190s);
  home.archive->clock_stepped(1h, true);
  home.archive->flush();
  CHECK(home.archive->results({.test = "doubt"})[0]->begin == kStart + 190s);
}

TEST_CASE("a node that boots in 1970 or 2036 keeps every result, and no series is stuck") {
  for (const std::int64_t wrong : {100LL, 2'100'000'000LL})
    for (const bool admits_it : {true, false}) {
      CAPTURE(wrong, admits_it);
      Home home;
      home.clock.set(kStart + 11min);
      for (int minute = 0; minute < 10; ++minute) home.archive->store(owamp_minute(minute));
      home.archive->maintain();
      // A boot with a dead battery: nothing vouches for the clock; a careful node says so, a careless one does not.
      const UtcTime boot = align_down(utc_from_seconds(wrong), 1min);
      home.clock.believe(false);
      if (!admits_it) home.clock.careless();
      for (int minute = 0; minute < 5; ++minute) {
        home.clock.set(boot + (minute + 1) * 1min);
        Result r = owamp_minute(1'000'000 + minute);
        r.begin = boot + minute * 1min;
        r.end = r.begin + 1min;
        r.time_in_doubt = admits_it;
        home.archive->store(r);
        home.archive->maintain();
      }
      CHECK(home.archive->state().clock_ahead == (wrong > 100));
      home.archive->clock_stepped(kStart + 20min - (boot + 5min), true);
      home.clock.believe(true);
      for (int minute = 20; minute < 40; ++minute) {
        home.clock.set(kStart + (minute + 1) * 1min);
        home.archive->store(owamp_minute(minute));
        home.archive->maintain();
      }
      CHECK_FALSE(home.archive->state().clock_ahead);
      CHECK(home.count("path1") == 35);
      const auto points =
          home.archive->fetch({"path1", 1, "packets.sent", Direction::forward, ""}, {kStart, kStart + 1h}, 1min).points;
      // Minutes taken in doubt are back in their places, where the node knew, or the date was impossible.
      CHECK(points.size() == (admits_it || wrong == 100 ? 35 : 30));
    }
}

TEST_CASE("a series that a lying clock carried into the future is taken back, and nothing was forgotten") {
  Home home;
  home.clock.set(kStart + 11min);
  for (int minute = 0; minute < 10; ++minute) home.archive->store(owamp_minute(minute));
  home.archive->maintain();
  const int ahead = 20 * 24 * 60;
  home.clock.leap((ahead - 10) * 1min);
  home.archive->store(owamp_minute(ahead));
  home.archive->maintain();
  home.clock.leap((10 - ahead) * 1min);
  for (int minute = 10; minute < 20; ++minute) {
    home.clock.set(kStart + (minute + 1) * 1min);
    home.archive->store(owamp_minute(minute));
    home.archive->maintain();
  }
  const auto points =
      home.archive->fetch({"path1", 1, "delay.min", Direction::forward, ""}, {kStart, kStart + 1h}, 1min).points;
  CHECK(points.size() == 20);
  CHECK(home.count("path1") == 21);
}

TEST_CASE("packets go after a day, aligned rows after two, event results after two years") {
  Home home;
  home.archive->store(ping_run(kStart));
  for (int minute = 0; minute < 10; ++minute) home.archive->store(owamp_minute(minute));
  home.clock.set(kStart + 1h);
  home.archive->maintain();
  home.clock.set(kStart + 25h);
  home.archive->maintain();
  CHECK(home.archive->results({.test = "ping1", .with_packets = true})[0]->directions[0].packets.empty());
  CHECK_FALSE(home.archive->results({.test = "ping1"})[0]->log.empty());
  CHECK(home.count("path1") == 10);
  home.clock.set(kStart + 50h);
  home.archive->maintain();
  CHECK(home.count("path1") == 0);
  CHECK(home.archive->fetch({"path1", 1, "delay.min", Direction::forward, ""}, {kStart, kStart + 1h}, 1min)
            .points.size() == 10);
  home.clock.set(kStart + 10 * 24h);
  home.archive->maintain();
  CHECK(home.archive->results({.test = "ping1"})[0]->log.empty());
  home.clock.set(kStart + 740 * 24h);
  home.archive->maintain();
  CHECK(home.count("ping1") == 0);
}

TEST_CASE("the journal keeps aligned rows until their files are copied") {
  Home home;
  for (int minute = 0; minute < 10; ++minute) home.archive->store(owamp_minute(minute));
  home.clock.set(kStart + 1h);
  home.archive->flush();
  // Copies cannot be made: a file is where their folder should be.
  std::filesystem::remove_all(home.folder.path() / "copies");
  Journal((home.folder.path() / "copies").string(), Journal::Mode::write);
  home.clock.set(kStart + 60h);
  home.archive->maintain();
  CHECK(home.count("path1") == 10);
}

TEST_CASE("of a continuous test that fails all the time the newest ten thousand failures are kept") {
  Home home;
  for (int minute = 0; minute < 10'500; ++minute) {
    Result r = owamp_minute(minute);
    r.outcome = Outcome::failed;
    r.statistics.clear();
    r.directions.clear();
    r.log.push_back({r.begin, LogLevel::error, "no route"});
    while (!home.archive->store(r)) std::this_thread::yield();
  }
  home.archive->maintain();
  CHECK(home.count("path1") == 10'000);
  CHECK(home.archive->results({.test = "path1", .limit = 1})[0]->begin == owamp_minute(10'499).begin);
}

TEST_CASE("a test never takes more than was said before it was saved") {
  const ProbeType owamp{.name = "owamp", .two_directions = true};
  const TestSpec spec{.id = "path1", .schedule = {.kind = Schedule::Kind::continuous, .period = 1min}};
  auto random = seeded_random(5);
  Home home;
  const Cost cost{.results_per_day = 1440,
                  .packet_records_per_day = 2.0 * 864'000,
                  .series = static_cast<int>(owamp_minute(0).statistics.size())};
  const DiskBudget budget = disk_budget(spec, cost, owamp);
  const auto used = [&] { return used_octets(home.folder.path()); };
  const Result typical = busy_minute(0, *random);
  std::uint64_t most = 0;
  for (int day = 0; day < 4; ++day) {
    for (int minute = day * 1440; minute < (day + 1) * 1440; ++minute) {
      const Result like = owamp_minute(minute);
      Result r = minute % 10 == 0 ? busy_minute(minute, *random) : typical;
      r.id = like.id;
      r.begin = like.begin;
      r.end = like.end;
      home.clock.set(r.end + 1min);
      while (!home.archive->store(r)) std::this_thread::yield();
      if (minute % 240 == 239) home.archive->maintain();
    }
    most = std::max(most, used());
  }
  INFO("used " << most << " of " << budget.octets << ", raw a day " << budget.octets_per_day_raw);
  CHECK(most < budget.octets);
  // What grows on after that is merged histograms only; they have octets of their own.
  CHECK(budget.octets < 6 * most);
  Journal journal((home.folder.path() / "journal.db").string(), Journal::Mode::write);
  auto rows = journal.query("SELECT sum(length(body)) FROM packets");
  REQUIRE(rows.next());
  CHECK(static_cast<std::uint64_t>(rows.number(0)) < budget.octets_per_day_raw);
}
