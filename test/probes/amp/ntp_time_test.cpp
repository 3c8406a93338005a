#include "probes/amp/ntp_time.h"

#include <catch2/catch.hpp>

#include "core/base/random.h"

using namespace sonde;
using namespace sonde::amp;
using namespace std::chrono_literals;

namespace {
const UtcTime kNow = *parse_utc("2026-11-21T06:13:40Z");
}

TEST_CASE("an NTP time counts seconds from 1900") {
  CHECK(to_ntp(UtcTime{}).bits == 2'208'988'800ULL << 32);
  CHECK(to_ntp(UtcTime{} + 500ms).bits == ((2'208'988'800ULL << 32) | 0x80000000));
  CHECK(to_ntp(UtcTime{} - 250ms).bits == ((2'208'988'799ULL << 32) | 0xc0000000));
}

TEST_CASE("every nanosecond survives the way through 32.32") {
  auto random = seeded_random(1);
  for (int i = 0; i < 100'000; ++i) {
    const UtcTime t = kNow + Duration{static_cast<std::int64_t>(random->below(60'000'000'000))};
    REQUIRE(to_utc(to_ntp(t), kNow) == t);
  }
  for (const Duration odd : {0ns, 1ns, 499'999'999ns, 500'000'000ns, 999'999'998ns, 999'999'999ns})
    CHECK(to_utc(to_ntp(kNow + odd), kNow) == kNow + odd);
}

TEST_CASE("a fraction is rounded to the nearest nanosecond, up into the next second too") {
  const std::uint64_t second = to_ntp(kNow).bits;
  CHECK(to_utc({second | 2}, kNow) == kNow);        // 0.47 ns
  CHECK(to_utc({second | 3}, kNow) == kNow + 1ns);  // 0.70 ns
  CHECK(to_utc({second | 0xffffffff}, kNow) == kNow + 1s);
}

TEST_CASE("an NTP time is read in the era nearest to now") {
  const UtcTime before = *parse_utc("2036-02-07T06:28:15Z");  // the last second of the first era
  CHECK(to_ntp(before).bits == 0xffffffff00000000);
  CHECK(to_ntp(before + 1s).bits == 0);
  CHECK(to_utc(to_ntp(before + 1s), before) == before + 1s);
  CHECK(to_utc(to_ntp(before), before + 1s) == before);
  const UtcTime later = *parse_utc("2090-01-01T00:00:00Z");
  CHECK(to_utc(to_ntp(later + 5s), later) == later + 5s);
  CHECK(to_utc(to_ntp(UtcTime{} + 7s), UtcTime{}) == UtcTime{} + 7s);
}

TEST_CASE("lengths are 32.32 seconds and never negative") {
  CHECK(to_ntp_length(50ms) == 0x0ccccccd);
  CHECK(to_ntp_length(10s) == 10ULL << 32);
  CHECK(to_ntp_length(-1s) == 0);
  CHECK(to_ntp_length(Duration::max()) == UINT64_MAX);
  CHECK(to_duration(0x0ccccccc) == 50ms);
  CHECK(to_duration(to_ntp_length(1234567891ns)) == 1234567891ns);
  CHECK(to_duration(UINT64_MAX) == 4294967296s);
}
