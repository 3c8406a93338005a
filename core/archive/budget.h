#pragma once

#include "core/archive/archive.h"
#include "core/run/probe_type.h"

namespace sonde {

/// What a test will take on the disk at most, before it is saved: its files are as large at once as they will ever be,
/// its rows have their retention, its histograms their octets. The same rules as the archive's own; README.md explains.
DiskBudget disk_budget(const TestSpec& spec, const Cost& cost, const ProbeType& type);

}  // namespace sonde
