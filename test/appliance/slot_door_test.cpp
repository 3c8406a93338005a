#include "appliance/slot_door.h"

#include <catch2/catch.hpp>

#include "appliance/heavy_times.h"
#include "test/support/manual_clock.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

const IpAddress kStranger = *IpAddress::parse("198.51.100.4"), kGuest = *IpAddress::parse("192.0.2.7");

/// A TaskLoop that turns only when the test says so.
struct Stage {
  ManualClock clock;
  TaskLoop tasks{clock};
  SaturatingSlot slot{tasks, clock, Log{}};
  SlotDoor door{{&tasks, &slot, [] {
                   Config table;
                   table.set_up = true;
                   table.engine_rules = {{.engine = "throughput",
                                          .source = *Prefix::parse("192.0.2.0/24"),
                                          .allow = true,
                                          .seconds = 60,
                                          .seconds_per_hour = 50}};
                   return std::make_shared<const Limits>(table, ConfigStore::Source::file, std::vector<Prefix>{});
                 }}};
  int answers = 0;
  std::optional<std::string> refused;
  void ask(std::uint64_t id, const IpAddress& source, Duration test) {
    answers = 0;
    door.ask(id, source, test + SaturatingSlot::kGuestMargin, [this](std::optional<std::string> sentence) {
      ++answers;
      refused = std::move(sentence);
    });
  }
};

}  // namespace

TEST_CASE("a test from outside is decided on the task loop, and its release comes after its asking") {
  Stage stage;
  stage.ask(7, kGuest, 30s);
  CHECK(stage.answers == 0);
  CHECK_FALSE(stage.slot.held());
  stage.tasks.turn();
  CHECK(stage.answers == 1);
  CHECK_FALSE(stage.refused);
  CHECK(stage.slot.free_at() - stage.clock.steady_now() == 40s);
  stage.door.release(8, Outcome::done, "");
  stage.tasks.turn();
  CHECK(stage.slot.held());
  stage.door.release(7, Outcome::failed, "TCP, 3 MB of payload; it was not completed: the client gave up.");
  stage.tasks.turn();
  CHECK_FALSE(stage.slot.held());
  CHECK(stage.slot.leases()->back().outcome == "failed");
  CHECK(stage.slot.leases()->back().sentence.find("the client gave up") != std::string::npos);
  stage.door.release(7, Outcome::done, "");
  stage.tasks.turn();
}

TEST_CASE("who lets go before the decision leaves no lease behind") {
  Stage stage;
  stage.ask(7, kGuest, 30s);
  stage.door.release(7, Outcome::done, "");
  stage.tasks.turn();
  CHECK(stage.answers == 1);
  CHECK_FALSE(stage.slot.held());
}

TEST_CASE("who is in no row of the table gets no slot, and the table's bounds hold") {
  Stage stage;
  const auto sentence = [&](const IpAddress& source, Duration test) {
    stage.ask(1, source, test);
    stage.tasks.turn();
    return stage.refused.value_or("");
  };
  CHECK(sentence(kStranger, 10s).find("198.51.100.4 may not use throughput") != std::string::npos);
  CHECK(sentence(kGuest, 61s).find("longer than the 1 min") != std::string::npos);
  CHECK(sentence(kGuest, 41s).find("of its 50 s of the last hour") != std::string::npos);
  CHECK(sentence(kGuest, 40s).empty());
  CHECK(sentence(kGuest, 10s).find("Refused: this node has a test from 192.0.2.7 until") == 0);
}

TEST_CASE("a task loop that takes no more tasks answers at once that there is no time to decide") {
  Stage stage;
  while (stage.tasks.post([] {})) {
  }
  stage.ask(1, kGuest, 30s);
  CHECK(stage.answers == 1);
  CHECK(stage.refused);
}

TEST_CASE("results that a heavy test overlapped are known, others are not") {
  HeavyTimes times;
  const UtcTime begin = utc_from_seconds(1'800'000'000);
  Lease lease{.id = 1, .begin = begin, .until = begin + 40s};
  times.note(lease);
  CHECK(times.overlap(begin - 10s, begin));
  CHECK(times.overlap(begin + 35s, begin + 36s));
  CHECK_FALSE(times.overlap(begin - 10s, begin - 1s));
  lease.end = begin + 30s;
  times.note(lease);
  CHECK_FALSE(times.overlap(begin + 35s, begin + 36s));
  CHECK(times.overlap(begin - 1min, begin + 1min));
  times.note({.id = 2, .begin = begin + 60s, .until = begin + 100s});
  times.note({.id = 2, .begin = begin + 60s, .until = begin + 100s, .end = begin + 61s, .outcome = "busy"});
  CHECK_FALSE(times.overlap(begin + 60s, begin + 70s));
  times.note({.id = 2, .begin = begin + 48h, .until = begin + 49h});
  CHECK_FALSE(times.overlap(begin - 1min, begin + 1min));
}
