#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/measurement/time_of_day.h"

namespace sonde {

/// Nobody measures: "01:00 to 02:30 UTC on Mon, Tue". A window whose end is not after its begin goes over midnight and
/// belongs to the day that it begins on.
struct PauseWindow {
  std::string name;  ///< "backup"; may be empty
  TimeOfDay begin{}, end{};
  std::uint8_t days = 0x7f;  ///< bit 0 = Monday
  friend bool operator==(const PauseWindow&, const PauseWindow&) = default;
};

inline constexpr std::size_t kMostPauseWindows = 32;

/// "01:00 to 02:30 UTC on Mon, Tue (backup)"; of a window on all days "every day".
std::string describe(const PauseWindow& window);

/// "Mon,Tue", all seven as "daily"; reads both. Empty when it is neither.
std::string format_days(std::uint8_t days);
std::optional<std::uint8_t> parse_days(std::string_view text);

/// The stretch of `window` that `t` falls in.
std::optional<TimeRange> stretch_at(const PauseWindow& window, UtcTime t);
/// The first window that has a part of [begin, end) in it; null = none. For begin == end: that instant. At most a week.
const PauseWindow* pause_within(std::span<const PauseWindow> windows, UtcTime begin, UtcTime end);
/// When measuring may go on: `t` itself outside all windows, else the end of those that follow on each other; a week
/// later where they never end.
UtcTime pause_ends(std::span<const PauseWindow> windows, UtcTime t);
/// The next instant after `t` at which a window begins or ends; empty = there is none.
std::optional<UtcTime> next_pause_edge(std::span<const PauseWindow> windows, UtcTime t);

}  // namespace sonde
