#pragma once

#include <string_view>

namespace sonde::web {

/// web/api/openapi.json, as the build put it into the executable.
std::string_view openapi_text();

}  // namespace sonde::web
