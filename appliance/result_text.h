#pragma once

#include <string>

#include "core/measurement/result.h"

namespace sonde {

/// Three significant digits with unit: "13.2 ms", "0.17 %", "1.23 Gbit/s", "–" where there is no value.
std::string format_value(Unit unit, std::optional<double> value);
/// The value with its error: "13.2 ms ± 45 µs", "0.5 % (0.1 % to 2.8 %)".
std::string format_with_error(const Statistic& statistic);
/// A Result for a terminal: what, with which clocks, then a block for each direction. Ends with a line feed.
std::string describe(const Result& result, const std::string& title);
/// "direction seq send_ns receive_ns" for each packet sent and each later copy; receive 0 = lost.
std::string raw_lines(const Result& result);

}  // namespace sonde
