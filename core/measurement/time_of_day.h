#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sonde {

/// Minutes since midnight UTC: 0 to 1439, and 1440 where the end of a day is meant.
using TimeOfDay = std::chrono::minutes;

std::string format_time_of_day(TimeOfDay time);  ///< "02:05", "24:00"
/// Two digits, a colon, two digits; "24:00" is the end of the day.
std::optional<TimeOfDay> parse_time_of_day(std::string_view text);

}  // namespace sonde
