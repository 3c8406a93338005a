#pragma once

#include <string_view>

namespace sonde {

/// "0.1.0"
std::string_view version();

}  // namespace sonde
