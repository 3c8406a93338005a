#include "appliance/version.h"

#include "appliance/host_slots.h"
#include "core/host/image_file.h"

namespace sonde {

std::string_view version() {
  // An image made for trying out says so wherever its version is told; it is the one that carries the image's file.
  static const std::string kVersion = [] {
    const SystemIdentity image = parse_system_identity(read_start(SlotPlaces().identity, 4096).value_or(""));
    return image.version.starts_with(SONDE_VERSION "+") ? image.version : std::string(SONDE_VERSION);
  }();
  return kVersion;
}

}  // namespace sonde
