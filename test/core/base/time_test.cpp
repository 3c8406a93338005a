#include "core/base/time.h"

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

TEST_CASE("UTC is written and read back to the nanosecond") {
  const UtcTime t{Duration{1'795'241'620'123'456'789}};
  CHECK(format_utc(t, 9) == "2026-11-21T06:13:40.123456789Z");
  CHECK(parse_utc(format_utc(t, 9)) == t);
  CHECK(format_utc(t, 0) == "2026-11-21T06:13:40Z");
}

TEST_CASE("text that is not exactly a UTC time is refused") {
  for (const char* text : {"", "2026-11-21", "2026-11-21T06:13:40", "2026-13-21T06:13:40Z", "2026-02-30T06:13:40Z",
                           "2026-11-21T24:00:00Z", "2026-11-21T06:13:40.Z", "2026-11-21T06:13:40.1234567890Z",
                           "2026-11-21T06:13:40Z ", "1969-11-21T06:13:40Z", "9999-11-21T06:13:40Z"}) {
    INFO(text);
    CHECK_FALSE(parse_utc(text));
  }
}

TEST_CASE("aligning goes down before 1970 as after it") {
  CHECK(align_down(utc_from_seconds(125), 60s) == utc_from_seconds(120));
  CHECK(align_down(utc_from_seconds(120), 60s) == utc_from_seconds(120));
  CHECK(align_down(utc_from_seconds(-1), 60s) == utc_from_seconds(-60));
}

TEST_CASE("durations are read with a unit and written for a person") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("5 min") == 5min);
  CHECK(parse_duration("1.5h") == 90min);
  CHECK(parse_duration("1d") == 24h);
  for (const char* text : {"", "5", "min", "5 minutes", "1e400s", "nan s", "1e3s", "400000000d"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
  CHECK(format_duration(45us) == "45 µs");
  CHECK(format_duration(13200us) == "13.2 ms");
  CHECK(format_duration(150min) == "2 h 30 min");
  CHECK(format_duration(-3ms) == "−3 ms");
}
