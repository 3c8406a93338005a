#pragma once

#include <string>
#include <string_view>

namespace sonde {

/// For sentences: three significant digits with an SI prefix, without zeros at their end: "1.7 kB/s".
std::string with_prefix(double value, std::string_view unit);

}  // namespace sonde
