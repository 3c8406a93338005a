#include "core/run/saturating_slot.h"

#include <catch2/catch.hpp>

#include "test/support/manual_clock.h"

using namespace sonde;
using namespace std::chrono_literals;

namespace {

struct Stage {
  test::ManualClock clock{*parse_utc("2026-11-21T14:02:30Z")};
  TaskLoop tasks{clock};
  SaturatingSlot slot{tasks, clock, Log{}};

  void advance(Duration d) {
    clock.advance(d);
    tasks.turn();
  }
  static SaturatingSlot::Guest guest(const char* address = "198.51.100.4") {
    return {*IpAddress::parse(address), 60s, 600s};
  }
  SaturatingSlot::Answer ask_own(Duration length = 40s) {
    return slot.ask({LeaseKind::planned, "schedule", "run-1", "to Lyon", length});
  }
};

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a held slot is refused to everybody, with its holder and its end") {
  Stage stage;
  REQUIRE(stage.slot.ask_inbound(Stage::guest(), 30s));
  CHECK(stage.slot.holder() == "a test from 198.51.100.4 until 14:03:10 UTC");
  const auto own = stage.ask_own();
  CHECK_FALSE(own);
  CHECK(own.sentence == "this node was busy with a test from 198.51.100.4 until 14:03:10 UTC");
  const auto other = stage.slot.ask_inbound(Stage::guest("203.0.113.9"), 10s);
  CHECK_FALSE(other);
  CHECK(other.sentence == "this node has a test from 198.51.100.4 until 14:03:10 UTC");
}

TEST_CASE("a stranger is not told what the node's own test is called") {
  Stage stage;
  REQUIRE(stage.ask_own());
  const auto answer = stage.slot.ask_inbound(Stage::guest(), 10s);
  CHECK(answer.sentence == "this node has a test of its own until 14:03:10 UTC");
}

TEST_CASE("an own test without a title is told of without one") {
  Stage stage;
  REQUIRE(stage.slot.ask({LeaseKind::planned, "schedule", "r1", "", 40s}));
  CHECK(stage.slot.holder() == "another test of its own until 14:03:10 UTC");
}

TEST_CASE("a lease ends by itself at its time, and releasing it late changes nothing") {
  Stage stage;
  const auto first = stage.slot.ask_inbound(Stage::guest(), 30s);
  stage.advance(39s);
  CHECK(stage.slot.held());
  stage.advance(1s);
  CHECK_FALSE(stage.slot.held());
  const auto second = stage.ask_own();
  REQUIRE(second);
  stage.slot.release(first.lease, "done");
  CHECK(stage.slot.held());
  CHECK(stage.slot.leases()->front().outcome == "ran out");
}

TEST_CASE("who waits for the slot is called when it is free, after a release and after the lease's end") {
  Stage stage;
  int calls = 0;
  stage.slot.on_free([&] { ++calls; });
  const auto first = stage.ask_own();
  stage.slot.release(first.lease, "done");
  CHECK(calls == 1);
  stage.ask_own();
  stage.advance(40s);
  CHECK(calls == 2);
}

TEST_CASE("an unlimited test and one longer than allowed are refused") {
  Stage stage;
  CHECK(has(stage.slot.ask_inbound(Stage::guest(), 0s).sentence, "without an end"));
  CHECK(has(stage.slot.ask_inbound(Stage::guest(), 61s).sentence, "1 min 1 s is longer than the 1 min"));
  CHECK(stage.slot.ask_inbound(Stage::guest(), 60s));
  CHECK_FALSE(Stage().ask_own(0s));
}

TEST_CASE("a test from outside is refused when a planned run begins before its end, margin and all") {
  Stage stage;
  stage.slot.set_plan([&] { return SaturatingSlot::Upcoming{stage.clock.steady_now() + 39s, "to Lyon"}; });
  CHECK(has(stage.slot.ask_inbound(Stage::guest(), 30s).sentence, "begins at 14:03:09 UTC"));
  CHECK(stage.slot.ask_inbound(Stage::guest(), 29s));
}

TEST_CASE("a test from outside is refused when it would reach into a pause") {
  Stage stage;
  stage.slot.set_pauses({{"backup", TimeOfDay{14 * 60 + 3}, TimeOfDay{15 * 60}, 0x7f}});
  CHECK(has(stage.slot.ask_inbound(Stage::guest(), 30s).sentence, "nobody measures from 14:03 to 15:00 UTC every day"));
  CHECK(stage.slot.ask_inbound(Stage::guest(), 15s));
}

TEST_CASE("a source gets its share of an hour, and the hour slides") {
  Stage stage;
  auto guest = Stage::guest();
  guest.per_hour = 100s;
  for (int i = 0; i < 2; ++i) {
    const auto answer = stage.slot.ask_inbound(guest, 30s);
    REQUIRE(answer);
    stage.advance(35s);
    stage.slot.release(answer.lease, "done");
  }
  const auto beyond = stage.slot.ask_inbound(guest, 30s);
  CHECK_FALSE(beyond);
  CHECK(has(beyond.sentence, "198.51.100.4 has used 1 min 10 s of its 1 min 40 s"));
  CHECK(stage.slot.ask_inbound(guest, 20s));  // used 70 s, and 30 s with its margin
  stage.slot.release(3, "done");
  auto other = Stage::guest("203.0.113.9");
  other.per_hour = 100s;
  const auto else_where = stage.slot.ask_inbound(other, 30s);
  CHECK(else_where);
  stage.slot.release(else_where.lease, "done");
  stage.advance(1h - 35s);
  CHECK(stage.slot.ask_inbound(guest, 30s));
}

TEST_CASE("many short tests are not free, and neighbours in a /64 share") {
  Stage stage;
  auto guest = Stage::guest("2001:db8:0:1::5"), neighbour = Stage::guest("2001:db8:0:1::6");
  guest.per_hour = neighbour.per_hour = 14s;
  for (int i = 0; i < 3; ++i) {
    const auto answer = stage.slot.ask_inbound(guest, 1s);
    REQUIRE(answer);
    stage.slot.release(answer.lease, "failed");
  }
  REQUIRE(stage.slot.ask_inbound(neighbour, 1s));
  stage.slot.release(4, "failed");
  CHECK_FALSE(stage.slot.ask_inbound(neighbour, 1s));
  CHECK(stage.slot.ask_inbound(Stage::guest("2001:db8:0:2::5"), 1s));
}

TEST_CASE("the past day is remembered with who, when and how it ended; refusals beside it; all of it bounded") {
  Stage stage;
  const auto first = stage.ask_own();
  stage.advance(30s);
  stage.slot.release(first.lease, "done", "Done.");
  stage.slot.ask_inbound(Stage::guest(), 0s);
  auto leases = stage.slot.leases();
  REQUIRE(leases->size() == 2);
  CHECK(leases->at(0).title == "to Lyon");
  CHECK(leases->at(0).end - leases->at(0).begin == 30s);
  CHECK(leases->at(0).outcome == "done");
  CHECK(leases->at(1).id == 0);
  CHECK(leases->at(1).outcome == "refused");
  CHECK(has(leases->at(1).sentence, "Refused: a test without an end"));
  for (int i = 0; i < 300; ++i) stage.slot.ask_inbound(Stage::guest(), 0s);
  CHECK(stage.slot.leases()->size() == 201);
  for (int i = 0; i < 4100; ++i) stage.slot.release(stage.ask_own().lease, "done");
  CHECK(stage.slot.leases()->size() == 4200);
  stage.clock.advance(25h);
  stage.ask_own();
  stage.advance(1min);
  CHECK(stage.slot.leases()->size() == 1);
  CHECK(leases->size() == 2);  // what was handed out is as it was
}
