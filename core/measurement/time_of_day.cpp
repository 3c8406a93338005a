#include "core/measurement/time_of_day.h"

#include <algorithm>
#include <cstdio>

namespace sonde {

std::string format_time_of_day(TimeOfDay time) {
  char text[24];
  std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(time.count() / 60),
                static_cast<int>(time.count() % 60));
  return text;
}

std::optional<TimeOfDay> parse_time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const auto two = [&](std::size_t i) { return (text[i] - '0') * 10 + (text[i + 1] - '0'); };
  if (two(3) > 59) return std::nullopt;
  const TimeOfDay time{two(0) * 60 + two(3)};
  return time <= TimeOfDay{24 * 60} ? std::optional(time) : std::nullopt;
}

}  // namespace sonde
