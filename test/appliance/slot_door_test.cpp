#include "appliance/slot_door.h"

#include <catch2/catch.hpp>

#include "appliance/heavy_times.h"
#include "test/support/simulated_world.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

const IpAddress kStranger = *IpAddress::parse("198.51.100.4"), kGuest = *IpAddress::parse("192.0.2.7");

/// A TaskLoop and a packet loop that turn only when the test says so.
struct Stage {
  SimulatedWorld world;
  SimulatedHost& host = world.host("a", {"10.0.0.1"});
  TaskLoop tasks{host.clock()};
  PacketLoop loop{host.clock(), host.make_network(), Log{}};
  SaturatingSlot slot{tasks, host.clock(), Log{}};
  SlotDoor door{{&tasks, &loop, &slot, [] {
                   Config table;
                   table.set_up = true;
                   table.engine_rules = {{.engine = "throughput",
                                          .source = *Prefix::parse("192.0.2.0/24"),
                                          .allow = true,
                                          .seconds = 60,
                                          .seconds_per_hour = 50}};
                   return std::make_shared<const Limits>(table, ConfigStore::Source::file, std::vector<Prefix>{});
                 }}};
  std::optional<SaturatingSlot::Answer> answer;
  void ask(const IpAddress& source, Duration test) {
    answer.reset();
    door.ask(source, test, [this](SaturatingSlot::Answer told) { answer = std::move(told); });
  }
  void turn() {
    tasks.turn();
    loop.turn();
  }
};

}  // namespace

TEST_CASE("a test from outside is decided on the task loop and answered on the packet loop, never within the asking") {
  Stage stage;
  stage.ask(kGuest, 30s);
  CHECK_FALSE(stage.answer);
  stage.loop.turn();
  CHECK_FALSE(stage.answer);
  stage.tasks.turn();
  CHECK(stage.slot.held());
  CHECK_FALSE(stage.answer);
  stage.loop.turn();
  REQUIRE(stage.answer);
  CHECK(*stage.answer);
  stage.door.release(stage.answer->lease, "done");
  CHECK(stage.slot.held());
  stage.tasks.turn();
  CHECK_FALSE(stage.slot.held());
}

TEST_CASE("who is in no row of the table gets no slot, and the table's bounds hold") {
  Stage stage;
  stage.ask(kStranger, 10s);
  stage.turn();
  REQUIRE(stage.answer);
  CHECK_FALSE(*stage.answer);
  CHECK(stage.answer->sentence.find("198.51.100.4 may not use throughput") != std::string::npos);
  stage.ask(kGuest, 61s);
  stage.turn();
  CHECK(stage.answer->sentence.find("longer than the 1 min") != std::string::npos);
  stage.ask(kGuest, 41s);
  stage.turn();
  CHECK(stage.answer->sentence.find("of its 50 s of the last hour") != std::string::npos);
  stage.ask(kGuest, 40s);
  stage.turn();
  CHECK(*stage.answer);
}

TEST_CASE("a packet loop that takes no more tasks leaves no lease behind") {
  Stage stage;
  while (stage.loop.post([] {})) {
  }
  stage.ask(kGuest, 30s);
  stage.tasks.turn();
  CHECK_FALSE(stage.slot.held());
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
