#pragma once

#include <span>

#include "core/run/probe_type.h"

namespace sonde {

/// Every probe type of this build, in the order of their names. Written by CMake from the folders.
std::span<const ProbeType* const> probe_catalogue();

}  // namespace sonde
