#include "core/net/network.h"

namespace sonde {

std::string_view to_string(StampSource source) {
  static constexpr std::string_view kNames[] = {"none", "user", "kernel", "hardware"};
  return kNames[static_cast<int>(source)];
}

}  // namespace sonde
