#include "core/statistics/delay_variation.h"

#include <catch2/catch.hpp>

#include "test/core/statistics/records.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;
using Numbers = std::vector<std::int64_t>;

TEST_CASE("IPDV is signed and taken over consecutive packets in sending order") {
  CHECK(ipdv(copies(stream({20ms, 23ms, 21ms}))) == Numbers{3'000'000, -2'000'000});
  // Overtaken on the way, still consecutive when sent.
  CHECK(ipdv(copies({packet(1, 20ms), packet(0, 200ms)})) == Numbers{-180'000'000});
}

TEST_CASE("a lost packet takes both its pairs out of IPDV and joins no strangers") {
  CHECK(ipdv(copies(stream({20ms, 21ms, std::nullopt, 30ms, 32ms}))) == Numbers{1'000'000, 2'000'000});
  CHECK(ipdv(copies(stream({20ms, std::nullopt, 30ms}))).empty());
}

TEST_CASE("a packet sent late is left out of IPDV with the pair before and after it") {
  std::vector<PacketRecord> records = stream({20ms, 21ms, 22ms, 24ms, 28ms});
  records[2] = packet(2, 22ms, 1001us);
  CHECK(ipdv(copies(records)) == Numbers{1'000'000, 4'000'000});
  records[2] = packet(2, 22ms, 1000us);
  CHECK(ipdv(copies(records)) == Numbers{1'000'000, 1'000'000, 2'000'000, 4'000'000});
}

TEST_CASE("a duplicate makes no pair") {
  CHECK(ipdv(copies({packet(0, 20ms), packet(0, 25ms), packet(1, 21ms)})) == Numbers{1'000'000});
}

TEST_CASE("PDV is the distance from the least delay of the same result") {
  Numbers delays;
  for (std::int64_t i = 1; i <= 100; ++i) delays.push_back(-50 + i);
  CHECK(pdv_percentile(delays, 50)->value_ns == 49);
  CHECK(pdv_percentile(delays, 95)->value_ns == 94);
  CHECK(pdv_percentile(delays, 99)->value_ns == 98);
  CHECK(pdv_spread(delays)->value_ns == 45);
  CHECK_FALSE(pdv_percentile(Numbers{1}, 50));
  CHECK_FALSE(pdv_spread(Numbers{1, 2, 3}));
}

TEST_CASE("PDV does not change when the clocks are apart, nor does its interval") {
  Numbers delays;
  for (std::int64_t i = 1; i <= 100; ++i) delays.push_back(i * i);
  Numbers shifted = delays;
  for (auto& delay : shifted) delay -= 1'000'000'000;
  CHECK(pdv_percentile(delays, 95) == pdv_percentile(shifted, 95));
  CHECK(pdv_spread(delays) == pdv_spread(shifted));
}

TEST_CASE("the spread's interval holds the value, and is open where one of its ends is") {
  Numbers delays;
  for (std::int64_t i = 1; i <= 1000; ++i) delays.push_back(i);
  const auto spread = pdv_spread(delays);
  CHECK(*spread->low_ns < spread->value_ns);
  CHECK(*spread->high_ns > spread->value_ns);
  // Each end gives away half of what both together may.
  const RankInterval p50 = rank_interval(1000, 50, kTail95 / 2), p95 = rank_interval(1000, 95, kTail95 / 2);
  CHECK(*spread->low_ns == static_cast<std::int64_t>(p95.low - p50.high));
  CHECK(*spread->high_ns == static_cast<std::int64_t>(p95.high - p50.low));
  delays.resize(20);
  CHECK_FALSE(pdv_spread(delays)->high_ns);
}
