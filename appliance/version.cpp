#include "appliance/version.h"

namespace sonde {

std::string_view version() { return SONDE_VERSION; }

}  // namespace sonde
