#include "probes/owamp/receiver.h"

#include <catch2/catch.hpp>

#include "test/probes/owamp/plans.h"

using namespace sonde;
using namespace sonde::owamp;
using namespace sonde::test;

namespace {

using Verdict = Receiver::Verdict;
constexpr amp::ErrorEstimate kOwn{0x8123}, kTheirs{0x8456};

Bytes packet(std::uint32_t sequence, UtcTime sent, std::size_t size = kTestHeader) {
  Bytes data(size);
  encode(TestPacket{sequence, amp::to_ntp(sent), kTheirs}, data);
  return data;
}

/// A receiver of ten packets at 100 ms with a timeout of 1 s.
struct Bench {
  Plan plan = even_plan(10);
  Receiver receiver{plan};
  UtcTime due(std::uint32_t i) const { return plan.due[i]; }
  Verdict come(std::uint32_t sequence, Duration delay, Duration slip = {}) {
    const UtcTime sent = due(sequence) + slip;
    return receiver.arrived(packet(sequence, sent), sent + delay, 250, kOwn);
  }
};

}  // namespace

TEST_CASE("a packet is recorded with the stamps and estimates of both ends") {
  Bench b;
  CHECK(b.come(0, 13ms, 2us) == Verdict::recorded);
  const Record expected{0, kTheirs, kOwn, amp::to_ntp(b.due(0) + 2us), amp::to_ntp(b.due(0) + 2us + 13ms), 250};
  CHECK(b.receiver.records() == std::vector<Record>{expected});
}

TEST_CASE("a packet that arrives exactly at its timeout is in time, one nanosecond later it is lost") {
  Bench b;
  CHECK(b.come(0, 1s) == Verdict::recorded);
  Bench late;
  CHECK(late.receiver.arrived(packet(0, late.due(0) + 1us), late.due(0) + 1s + 1ns, 250, kOwn) == Verdict::late);
  REQUIRE(late.receiver.records().size() == 1);
  CHECK(late.receiver.records()[0].lost());
}

TEST_CASE("a lost packet is recorded with its scheduled time, in the order of the verdicts") {
  Bench b;
  CHECK(b.come(1, 13ms) == Verdict::recorded);
  b.receiver.declare_lost(b.due(2) + 1s);
  REQUIRE(b.receiver.records().size() == 2);
  const Record& lost = b.receiver.records()[1];
  CHECK(lost.sequence == 0);
  CHECK(lost.lost());
  CHECK(lost.sent == amp::to_ntp(b.due(0)));
  CHECK(lost.hop_limit == 255);
  CHECK(lost.send_error == amp::kUnknownError);
  b.receiver.declare_lost(b.due(2) + 1s + 1ns);
  CHECK(b.receiver.records().size() == 3);
}

TEST_CASE("later copies are recorded as duplicates, but only so many") {
  Bench b;
  CHECK(b.come(3, 13ms) == Verdict::recorded);
  CHECK(b.come(3, 14ms) == Verdict::duplicate);
  for (int i = 0; i < 100; ++i) b.come(3, 15ms);
  CHECK(b.receiver.records().size() == 20);
  CHECK(b.receiver.count(Verdict::full) == 82);
}

TEST_CASE("what does not belong to the session is dropped") {
  Bench b;
  const UtcTime now = b.due(0);
  CHECK(b.receiver.arrived(packet(10, now), now, 250, kOwn) == Verdict::foreign);
  CHECK(b.receiver.arrived(packet(0xffffffff, now), now, 250, kOwn) == Verdict::foreign);
  CHECK(b.receiver.arrived(Bytes(13), now, 250, kOwn) == Verdict::malformed);
  CHECK(b.receiver.arrived({}, now, 250, kOwn) == Verdict::malformed);
  // Stamped more than the timeout before it came, after it came, or away from when it was due.
  CHECK(b.receiver.arrived(packet(0, now - 1s), now + 1ns, 250, kOwn) == Verdict::off_time);
  CHECK(b.receiver.arrived(packet(0, now + 1s), now - 1ns, 250, kOwn) == Verdict::off_time);
  CHECK(b.receiver.arrived(packet(9, now - 200ms), now - 100ms, 250, kOwn) == Verdict::off_time);
  CHECK(b.receiver.records().empty());
}

TEST_CASE("a packet shorter than was agreed is dropped, a longer one is taken") {
  const Plan plan = even_plan(10, 100ms, 1s, 20);
  Receiver receiver(plan);
  CHECK(receiver.arrived(packet(0, plan.due[0], 33), plan.due[0], 250, kOwn) == Verdict::malformed);
  CHECK(receiver.arrived(packet(0, plan.due[0], 34), plan.due[0], 250, kOwn) == Verdict::recorded);
  CHECK(receiver.arrived(packet(1, plan.due[1], 35), plan.due[1], 250, kOwn) == Verdict::recorded);
}

TEST_CASE("at the end, losses past the last packet sent and in skip ranges are no losses") {
  Bench b;
  for (const std::uint32_t sequence : {0U, 3U, 6U}) b.come(sequence, 13ms);
  CHECK(b.receiver.finish(8, {{1, 2}, {5, 5}}, b.due(9) + 2s));
  std::vector<std::uint32_t> left;
  for (const Record& record : b.receiver.records()) left.push_back(record.sequence);
  CHECK(left == std::vector<std::uint32_t>{0, 3, 6, 4, 7});
}

TEST_CASE("what was due within the timeout before the end is left out, lost or not") {
  Bench b;
  for (const std::uint32_t sequence : {0U, 5U, 9U}) b.come(sequence, 13ms);
  CHECK(b.receiver.finish(10, {}, b.due(5) + 1s));
  std::vector<std::uint32_t> left;
  for (const Record& record : b.receiver.records()) left.push_back(record.sequence);
  CHECK(left == std::vector<std::uint32_t>{0, 5, 1, 2, 3, 4});
}

TEST_CASE("a packet that its sender denies makes the session void") {
  Bench past_the_end;
  past_the_end.come(8, 13ms);
  CHECK_FALSE(past_the_end.receiver.finish(8, {}, past_the_end.due(9) + 2s));
  Bench skipped;
  skipped.come(4, 13ms);
  CHECK_FALSE(skipped.receiver.finish(10, {{2, 4}}, skipped.due(9) + 2s));
}

TEST_CASE("truncated and flipped test packets never upset a receiver") {
  Bench b;
  const Bytes good = packet(3, b.due(3));
  for (std::size_t n = 0; n < good.size(); ++n)
    CHECK(b.receiver.arrived(std::span(good).first(n), b.due(3), 250, kOwn) == Verdict::malformed);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    b.receiver.arrived(bad, b.due(3), 250, kOwn);
  }
  CHECK(b.receiver.records().size() <= 20);
}
