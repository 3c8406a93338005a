#include "core/statistics/first_copy.h"

#include <catch2/catch.hpp>

#include "test/core/statistics/records.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

TEST_CASE("a packet that arrives after the threshold counts as lost") {
  const auto packets = copies({packet(0, 10s), packet(1, 10s + 1ns), packet(2, std::nullopt)});
  REQUIRE(packets.size() == 3);
  CHECK(packets[0].arrived());
  CHECK_FALSE(packets[1].arrived());
  CHECK_FALSE(packets[2].arrived());
}

TEST_CASE("the threshold runs from the scheduled time, not from when the packet was really sent") {
  const auto packets = copies({packet(0, 9s + 600ms, 500ms), packet(1, 9s + 500ms, 500ms)});
  CHECK_FALSE(packets[0].arrived());
  CHECK(packets[1].arrived());
}

TEST_CASE("the first copy decides, in whatever order the records stand") {
  const auto packets = copies({packet(0, 30ms), packet(0, 20ms), packet(0, 40ms)});
  REQUIRE(packets.size() == 1);
  CHECK(packets[0].delay_ns() == 20'000'000);
  CHECK(packets[0].record == 1);
  CHECK(packets[0].further_copies == 2);
}

TEST_CASE("a record without arrival beside one with it is no second packet and no duplicate") {
  const auto packets = copies({packet(0, std::nullopt), packet(0, 20ms)});
  REQUIRE(packets.size() == 1);
  CHECK(packets[0].arrived());
  CHECK(packets[0].further_copies == 0);
}

TEST_CASE("the copy that counts brings its own sending stamp: that of a lost one may be its scheduled time") {
  const auto packets = copies({packet(0, std::nullopt), packet(0, 20ms, 3ms)});
  CHECK(packets[0].delay_ns() == 20'000'000);
  CHECK(packets[0].sent_late);
}

TEST_CASE("a copy after the threshold is neither arrival nor duplicate") {
  const auto packets = copies({packet(0, 20ms), packet(0, 11s), packet(1, 12s), packet(1, 13s)});
  CHECK(packets[0].further_copies == 0);
  CHECK_FALSE(packets[1].arrived());
  CHECK(packets[1].further_copies == 0);
}

TEST_CASE("a packet is sent late when it left more than the limit after its time") {
  const auto packets = copies({packet(0, 20ms, 1ms), packet(1, 20ms, 1ms + 1ns), packet(2, 20ms, -5ms)});
  CHECK_FALSE(packets[0].sent_late);
  CHECK(packets[1].sent_late);
  CHECK_FALSE(packets[2].sent_late);
}

TEST_CASE("delays can be negative") { CHECK(copies({packet(0, -3ms)})[0].delay_ns() == -3'000'000); }

TEST_CASE("stamps at the ends of time do not leave 64 bits") {
  PacketRecord record;
  record.scheduled = record.sent = UtcTime::max();
  record.received = UtcTime::min();
  CHECK(copies({record})[0].delay_ns() == -(std::int64_t{1} << 60));
  std::swap(record.sent, *record.received);
  record.scheduled = record.sent;
  CHECK_FALSE(copies({record})[0].arrived());
}

TEST_CASE("packets stand in sending order and arrivals in the order of their stamps") {
  const std::vector<PacketRecord> records{packet(2, 20ms), packet(0, 250ms), packet(3, std::nullopt), packet(1, 120ms)};
  const auto packets = copies(records);
  std::vector<std::uint32_t> sent;
  for (const auto& p : packets) sent.push_back(p.sequence);
  CHECK(sent == std::vector<std::uint32_t>{0, 1, 2, 3});
  // 1 and 2 came in the same instant: the record of 2 stands first.
  CHECK(arrival_order(packets) == std::vector<std::uint32_t>{2, 1, 0});
}
