#include "core/measurement/pause_window.h"

#include <algorithm>
#include <array>

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::uint8_t kDaily = 0x7f;
constexpr Duration kDay = 24h;

/// 1970 began on a Thursday.
int weekday(UtcTime midnight) {
  const auto days = midnight.time_since_epoch() / kDay;
  return static_cast<int>(((days + 3) % 7 + 7) % 7);
}

/// The stretch that begins on the day of `midnight`, if this window has one then.
std::optional<TimeRange> stretch_of(const PauseWindow& window, UtcTime midnight) {
  if ((window.days >> weekday(midnight) & 1) == 0) return std::nullopt;
  const Duration over = window.end > window.begin ? Duration::zero() : kDay;
  return TimeRange{midnight + window.begin, midnight + window.end + over};
}

std::string day_names(std::uint8_t days, std::string_view between) {
  std::string text;
  for (std::size_t i = 0; i < kDays.size(); ++i)
    if (days >> i & 1) text += (text.empty() ? "" : std::string(between)) + std::string(kDays[i]);
  return text;
}

}  // namespace

std::string describe(const PauseWindow& window) {
  return format_time_of_day(window.begin) + " to " + format_time_of_day(window.end) + " UTC " +
         (window.days == kDaily ? "every day" : "on " + day_names(window.days, ", ")) +
         (window.name.empty() ? "" : " (" + window.name + ")");
}

std::string format_days(std::uint8_t days) { return days == kDaily ? "daily" : day_names(days, ","); }

std::optional<std::uint8_t> parse_days(std::string_view text) {
  if (text == "daily") return kDaily;
  std::uint8_t days = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const auto day = std::ranges::find(kDays, text.substr(at, end - at));
    if (day == kDays.end()) return std::nullopt;
    const auto bit = static_cast<std::uint8_t>(1 << (day - kDays.begin()));
    if (days & bit) return std::nullopt;
    days |= bit;
    at = end + 1;
  }
  return days;
}

std::optional<TimeRange> stretch_at(const PauseWindow& window, UtcTime t) {
  const UtcTime today = align_down(t, kDay);
  for (const UtcTime midnight : {today, today - kDay}) {
    const auto stretch = stretch_of(window, midnight);
    if (stretch && stretch->contains(t)) return stretch;
  }
  return std::nullopt;
}

const PauseWindow* pause_within(std::span<const PauseWindow> windows, UtcTime begin, UtcTime end) {
  const UtcTime last = std::min(end, begin + 7 * kDay);
  for (const PauseWindow& window : windows) {
    if (stretch_at(window, begin)) return &window;
    for (UtcTime midnight = align_down(begin, kDay); midnight < last; midnight += kDay) {
      const auto stretch = stretch_of(window, midnight);
      if (stretch && stretch->begin >= begin && stretch->begin < last) return &window;
    }
  }
  return nullptr;
}

UtcTime pause_ends(std::span<const PauseWindow> windows, UtcTime t) {
  const UtcTime horizon = t + 7 * kDay;
  for (bool moved = true; moved && t < horizon;) {
    moved = false;
    for (const PauseWindow& window : windows)
      if (const auto stretch = stretch_at(window, t)) {
        t = stretch->end;
        moved = true;
      }
  }
  return std::min(t, horizon);
}

std::optional<UtcTime> next_pause_edge(std::span<const PauseWindow> windows, UtcTime t) {
  std::optional<UtcTime> next;
  const auto offer = [&](UtcTime edge) {
    if (edge > t && (!next || edge < *next)) next = edge;
  };
  for (const PauseWindow& window : windows)
    for (UtcTime midnight = align_down(t, kDay) - kDay; midnight <= t + 7 * kDay; midnight += kDay)
      if (const auto stretch = stretch_of(window, midnight)) {
        offer(stretch->begin);
        offer(stretch->end);
      }
  return next;
}

}  // namespace sonde
