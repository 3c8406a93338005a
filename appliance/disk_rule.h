#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/archive/archive.h"
#include "core/config/config.h"
#include "core/run/probe_type.h"
#include "web/view.h"

namespace sonde {

/// Of a test of a probe that is not in the catalogue: nothing.
DiskBudget disk_budget_of(const TestSpec& spec, std::span<const ProbeType* const> catalogue);

/// What all tests together can take at most, in octets. Paused ones count: what they stored stays.
std::uint64_t disk_bound(const Config& config, std::span<const ProbeType* const> catalogue);

/// A sentence with the sum when `after` may take more than the disk has for the archive, and asks for more than
/// `before` did or allows itself less. `archive_limit` holds where the configuration sets none; 0 = unknown.
std::optional<Problem> refuse_beyond_disk(const Config& before, const Config& after,
                                          std::span<const ProbeType* const> catalogue, std::uint64_t archive_limit);

}  // namespace sonde
