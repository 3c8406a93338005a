#include "core/measurement/pause_window.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

namespace {

UtcTime time(const char* text) { return *parse_utc(text); }

constexpr std::uint8_t kMonday = 1, kTuesday = 2, kSunday = 64;
const PauseWindow kBackup{"backup", TimeOfDay{60}, TimeOfDay{150}, kMonday | kTuesday};
const PauseWindow kNight{"", TimeOfDay{23 * 60}, TimeOfDay{60}, kSunday};

}  // namespace

TEST_CASE("times of the day are read and written as people do") {
  CHECK(parse_time_of_day("02:05") == TimeOfDay{125});
  CHECK(parse_time_of_day("24:00") == TimeOfDay{1440});
  CHECK(format_time_of_day(TimeOfDay{125}) == "02:05");
  CHECK(format_time_of_day(TimeOfDay{1440}) == "24:00");
  for (const char* bad : {"", "2:05", "02:60", "24:01", "02.05", "02:5", "-1:00", "02:05 ", "02:055"})
    CHECK_FALSE(parse_time_of_day(bad));
}

TEST_CASE("days of the week are read and written") {
  CHECK(parse_days("Mon,Tue") == (kMonday | kTuesday));
  CHECK(parse_days("daily") == 0x7f);
  CHECK(format_days(kMonday | kSunday) == "Mon,Sun");
  CHECK(format_days(0x7f) == "daily");
  for (const char* bad : {"", "Mon,", "Mon,Mon", "monday", "Mon Tue", ",Mon"}) CHECK_FALSE(parse_days(bad));
}

TEST_CASE("a pause is told in words") {
  CHECK(describe(kBackup) == "01:00 to 02:30 UTC on Mon, Tue (backup)");
  CHECK(describe({"", TimeOfDay{0}, TimeOfDay{1440}, 0x7f}) == "00:00 to 24:00 UTC every day");
}

TEST_CASE("a pause holds from its begin to its end on its days only, also over midnight") {
  const std::vector pauses{kBackup, kNight};
  const auto inside = [&](const char* at) { return pause_within(pauses, time(at), time(at)) != nullptr; };
  CHECK(inside("2026-11-23T01:00:00Z"));  // a Monday
  CHECK(inside("2026-11-24T02:29:59Z"));
  CHECK_FALSE(inside("2026-11-24T02:30:00Z"));
  CHECK_FALSE(inside("2026-11-25T01:30:00Z"));
  CHECK(inside("2026-11-22T23:00:00Z"));
  CHECK(inside("2026-11-23T00:59:59Z"));
  CHECK_FALSE(inside("2026-11-24T00:30:00Z"));
}

TEST_CASE("a stretch of time meets a pause that begins within it") {
  const std::vector pauses{kBackup};
  CHECK(pause_within(pauses, time("2026-11-24T00:59:00Z"), time("2026-11-24T01:00:01Z")));
  CHECK_FALSE(pause_within(pauses, time("2026-11-24T00:59:00Z"), time("2026-11-24T01:00:00Z")));
}

TEST_CASE("measuring goes on when the last of adjoining pauses ends; edges come in order") {
  const std::vector pauses{kBackup, kNight};
  CHECK(pause_ends(pauses, time("2026-11-22T23:30:00Z")) == time("2026-11-23T02:30:00Z"));
  CHECK(pause_ends(pauses, time("2026-11-23T03:00:00Z")) == time("2026-11-23T03:00:00Z"));
  const std::vector always{PauseWindow{"", TimeOfDay{0}, TimeOfDay{1440}, 0x7f}};
  CHECK(pause_ends(always, time("2026-11-23T03:00:00Z")) == time("2026-11-30T03:00:00Z"));
  CHECK(next_pause_edge(pauses, time("2026-11-21T12:00:00Z")) == time("2026-11-22T23:00:00Z"));
  CHECK(next_pause_edge(pauses, time("2026-11-22T23:00:00Z")) == time("2026-11-23T01:00:00Z"));
  CHECK(next_pause_edge(pauses, time("2026-11-24T02:30:00Z")) == time("2026-11-29T23:00:00Z"));
  CHECK_FALSE(next_pause_edge({}, time("2026-11-24T02:30:00Z")));
}
