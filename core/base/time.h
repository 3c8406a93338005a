#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sonde {

/// Nanoseconds in 64 bits: ±292 years. The only unit of time outside wire formats.
using Duration = std::chrono::nanoseconds;

/// Steady time: paces, never jumps. Its zero means nothing and it is never stored or sent.
struct SteadyScale {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<SteadyScale, Duration>;
  static constexpr bool is_steady = true;
};
using SteadyTime = SteadyScale::time_point;

/// UTC as nanoseconds since 1970, leap seconds not counted (as the kernel does): what is written and sent.
struct UtcScale {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<UtcScale, Duration>;
  static constexpr bool is_steady = false;
};
using UtcTime = UtcScale::time_point;

/// A half-open stretch of UTC: begin is in it, end is not.
struct TimeRange {
  UtcTime begin{};
  UtcTime end{};
  bool contains(UtcTime t) const { return t >= begin && t < end; }
  Duration length() const { return end - begin; }
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

inline constexpr SteadyTime kNever = SteadyTime::max();

constexpr UtcTime utc_from_seconds(std::int64_t seconds) { return UtcTime{std::chrono::seconds{seconds}}; }
/// Whole seconds since 1970, rounded down also before it.
constexpr std::int64_t utc_seconds(UtcTime t) {
  return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
}
constexpr double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
/// The newest multiple of `step` since 1970 that is not after `t`. `step` > 0.
UtcTime align_down(UtcTime t, Duration step);

/// "2026-11-21T06:13:40.123456789Z"; the fraction is cut to `digits` (0 to 9).
std::string format_utc(UtcTime t, int digits = 3);
/// Reads what format_utc writes, with 0 to 9 digits of fraction; nothing else. Years 1970 to 2199.
std::optional<UtcTime> parse_utc(std::string_view text);
/// For people: "250 µs", "13.2 ms", "5 min", "2 h 30 min".
std::string format_duration(Duration d);
/// Reads "250ms", "5 min", "1h", "10s", "1d"; a unit is required. Empty on anything else or overflow.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace sonde
