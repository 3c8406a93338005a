#include "probes/owamp/schedule.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/base/bytes.h"

using namespace sonde;
using namespace sonde::amp;
using namespace sonde::owamp;
using namespace std::chrono_literals;

namespace {

Sid sid_of(std::string_view hex) {
  Sid sid{};
  std::ranges::copy(from_hex(hex), sid.begin());
  return sid;
}
const Sid kSid = sid_of("0102030405060708090a0b0c0d0e0f00");
const UtcTime kStart = *parse_utc("2026-11-21T06:14:00Z");

}  // namespace

TEST_CASE("a fixed slot spaces packets evenly, the first one slot after the start") {
  const Slot slot{Slot::Kind::fixed, to_ntp_length(50ms)};
  const auto due = make_utc_schedule(kSid, to_ntp(kStart), std::span(&slot, 1), 3, kStart);
  CHECK(due == std::vector<UtcTime>{kStart + 50ms, kStart + 100ms, kStart + 150ms});
}

TEST_CASE("an exponential slot is the variate times the mean, cut to 32.32") {
  const Slot slot{Slot::Kind::exponential, 1ULL << 32};
  const auto due = make_schedule(kSid, {0}, std::span(&slot, 1), 3);
  CHECK(due[0].bits == 0xc2127448);
  CHECK(due[1].bits == 0xc2127448ULL + 0xe6f429b4);
  CHECK(due[2].bits == 0xc2127448ULL + 0xe6f429b4 + 0x792b5a06);
  const Slot half{Slot::Kind::exponential, 1ULL << 31};
  CHECK(make_schedule(kSid, {0}, std::span(&half, 1), 1)[0].bits == 0xc2127448 / 2);
}

TEST_CASE("slots are used in turn and only exponential ones draw variates") {
  const Slot slots[] = {{Slot::Kind::fixed, 5}, {Slot::Kind::exponential, 1ULL << 32}};
  const auto due = make_schedule(kSid, {0}, slots, 4);
  CHECK(due[0].bits == 5);
  CHECK(due[1].bits == 5 + 0xc2127448);
  CHECK(due[2].bits == 10 + 0xc2127448);
  CHECK(due[3].bits == 10 + 0xc2127448ULL + 0xe6f429b4);
}

TEST_CASE("the mean interval is that of all slots") {
  const Slot slots[] = {{Slot::Kind::fixed, 1ULL << 32}, {Slot::Kind::exponential, 3ULL << 32}};
  CHECK(mean_interval_seconds(slots) == Approx(2.0));
  CHECK(mean_interval_seconds({}) == 0);
}
