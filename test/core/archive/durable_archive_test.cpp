#include "core/archive/durable_archive.h"

#include <catch2/catch.hpp>
#include <thread>

#include "test/core/archive/archive_fixture.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

struct Opened {
  explicit Opened(const std::filesystem::path& directory) { reopen(directory); }
  void reopen(const std::filesystem::path& directory) {
    archive.reset();
    archive = open_archive({.directory = directory}, clock);
  }
  SetClock clock{kStart + 24h};
  std::unique_ptr<DurableArchive> archive;
};

}  // namespace

TEST_CASE("a stored Result is announced, and is there after opening again") {
  MemoryFolder folder;
  Opened opened(folder.path() / "archive");
  std::vector<std::string> announced;
  opened.archive->on_stored([&](std::shared_ptr<const Result> r) { announced.push_back(r->id); });
  const Result ping = ping_run(kStart);
  CHECK(opened.archive->store(ping));
  CHECK(opened.archive->store(owamp_minute(1)));
  opened.archive->flush();
  CHECK(announced == std::vector{ping.id, owamp_minute(1).id});
  opened.reopen(folder.path() / "archive");
  const auto found = opened.archive->result(ping.id);
  REQUIRE(found);
  CHECK(describe(*found) == describe(ping));
  CHECK(opened.archive->state().results == 2);
  CHECK_FALSE(opened.archive->result("nothing"));
}

TEST_CASE("a Result stored twice is kept and announced once") {
  MemoryFolder folder;
  Opened opened(folder.path());
  int announced = 0;
  opened.archive->on_stored([&](const auto&) { ++announced; });
  for (int i = 0; i < 3; ++i) {
    opened.archive->store(ping_run(kStart));
    opened.archive->flush();
  }
  CHECK(announced == 1);
  CHECK(opened.archive->results({.test = "ping1"}).size() == 1);
}

TEST_CASE("results come newest first, page by page, by test, time and outcome") {
  MemoryFolder folder;
  Opened opened(folder.path());
  for (int i = 0; i < 50; ++i) {
    Result r = ping_run(kStart + i * 1min, i % 2 ? "odd" : "even");
    if (i == 10) r.outcome = Outcome::failed;
    opened.archive->store(r);
  }
  opened.archive->flush();
  std::vector<UtcTime> begins;
  ResultQuery query{.limit = 7};
  while (true) {
    const auto page = opened.archive->results(query);
    if (page.empty()) break;
    for (const auto& r : page) begins.push_back(r->begin);
    query.before_id = page.back()->id;
  }
  CHECK(begins.size() == 50);
  CHECK(std::ranges::is_sorted(begins, std::greater{}));
  CHECK(opened.archive->results({.test = "odd"}).size() == 25);
  CHECK(opened.archive->results({.test = "none"}).empty());
  CHECK(opened.archive->results({.test = "even", .range = {kStart + 10min, kStart + 20min}}).size() == 5);
  const auto failed = opened.archive->results({.outcome = Outcome::failed});
  REQUIRE(failed.size() == 1);
  CHECK(failed[0]->begin == kStart + 10min);
  CHECK(opened.archive->results({.before_id = "unknown"}).empty());
}

TEST_CASE("packets are given only when asked for") {
  MemoryFolder folder;
  Opened opened(folder.path());
  opened.archive->store(ping_run(kStart));
  opened.archive->flush();
  CHECK(opened.archive->results({.test = "ping1"})[0]->directions[0].packets.empty());
  CHECK(opened.archive->results({.test = "ping1", .with_packets = true})[0]->directions[0].packets.size() == 10);
}

TEST_CASE("events come back newest first, by time and test") {
  MemoryFolder folder;
  Opened opened(folder.path());
  opened.archive->store_event({"", kStart, "node_start", "", "The node started."});
  opened.archive->store_event({"abc", kStart + 1h, "run_failed", "ping1", "No route to 192.0.2.1."});
  opened.archive->flush();
  const auto all = opened.archive->events({}, "", 10);
  REQUIRE(all.size() == 2);
  CHECK(all[0].id == "abc");
  CHECK(all[0].test == "ping1");
  CHECK_FALSE(all[1].id.empty());
  CHECK(opened.archive->events({kStart, kStart + 1min}, "", 10).size() == 1);
  CHECK(opened.archive->events({}, "ping1", 10).size() == 1);
  CHECK(opened.archive->events({}, "unknown", 10).empty());
}

TEST_CASE("an event keeps its routes, and they go with it") {
  MemoryFolder folder;
  Opened opened(folder.path());
  Event event{"r1", kStart, "route_change", "ping1", "The route changed.", {}};
  event.routes.emplace();
  event.routes->after.target = *IpAddress::parse("192.0.2.1");
  event.routes->before = event.routes->after;
  event.routes->before_seen = kStart - 10min;
  opened.archive->store_event(event);
  opened.archive->store_event({"e2", kStart + 1min, "run_failed", "ping1", "No route to 192.0.2.1."});
  opened.archive->flush();
  auto found = opened.archive->events({}, "ping1", 10);
  REQUIRE(found.size() == 2);
  CHECK_FALSE(found[0].routes);
  CHECK(found[1].routes == event.routes);
  opened.archive->delete_test("ping1");
  opened.archive->flush();
  // The rows of deleted events are used again: nothing of the old test may come with them.
  REQUIRE(opened.archive->events({}, "ping1", 10).empty());
  opened.archive->store_event({"e3", kStart, "run_failed", "ping2", "No route to 192.0.2.1."});
  opened.archive->flush();
  found = opened.archive->events({}, "ping2", 10);
  REQUIRE(found.size() == 1);
  CHECK_FALSE(found[0].routes);
}

TEST_CASE("a full queue refuses, counts and tells; what was taken is stored") {
  MemoryFolder folder;
  SetClock clock(kStart);
  auto archive = open_archive({.directory = folder.path(), .queue_octets = 40'000}, clock);
  std::size_t announced = 0, taken = 0;
  std::mutex gate;
  gate.lock();
  archive->on_stored([&](const auto&) {
    const std::scoped_lock wait(gate);
    ++announced;
  });
  for (int i = 0; i < 1000; ++i) taken += archive->store(owamp_minute(i));
  CHECK(taken < 1000);
  CHECK(archive->state().overflowed == 1000 - taken);
  gate.unlock();
  archive->flush();
  CHECK(announced == taken);
  CHECK(archive->state().results == taken);
}

TEST_CASE("many threads store and read at once; every Result is announced once") {
  MemoryFolder folder;
  Opened opened(folder.path());
  std::atomic<int> announced{0};
  opened.archive->on_stored([&](const auto&) { ++announced; });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        while (!opened.archive->store(owamp_minute(i, "path" + std::to_string(t)))) std::this_thread::yield();
        if (i % 10 == 0) opened.archive->results({.limit = 5});
      }
    });
  for (auto& thread : threads) thread.join();
  opened.archive->flush();
  CHECK(announced == 400);
  CHECK(opened.archive->results({.limit = 1000}).size() == 400);
}
