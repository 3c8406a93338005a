#include "core/config/host_settings.h"

namespace sonde {

std::string_view to_string(FamilySettings::Method method) {
  switch (method) {
    case FamilySettings::Method::automatic:
      return "automatic";
    case FamilySettings::Method::fixed:
      return "fixed";
    case FamilySettings::Method::off:
      return "off";
  }
  return "";
}

std::optional<FamilySettings::Method> method_from(std::string_view text) {
  using Method = FamilySettings::Method;
  for (const Method method : {Method::automatic, Method::fixed, Method::off})
    if (to_string(method) == text) return method;
  return std::nullopt;
}

}  // namespace sonde
