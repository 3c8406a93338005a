#pragma once

#include <string>
#include <string_view>

#include "core/base/json.h"

namespace sonde {

/// A member's text; empty when it is absent or no text.
inline std::string text_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found && found->kind == Json::Kind::text ? found->text : std::string();
}

/// A member that is there and true.
inline bool is_true(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found && found->kind == Json::Kind::boolean && found->boolean;
}

}  // namespace sonde
