#pragma once

#include <vector>

#include "core/net/network.h"

namespace sonde {

/// What rtnetlink and ethtool say of the interfaces of this network namespace now. Throws Error.
std::vector<InterfaceState> read_interfaces();

}  // namespace sonde
