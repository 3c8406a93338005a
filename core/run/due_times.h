#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.h"
#include "core/measurement/test_spec.h"

namespace sonde {

// The instants that a schedule of kind `every` or `at` names, without spread.

/// The first one after `after`; empty = there is none.
std::optional<UtcTime> next_after(const Schedule& schedule, UtcTime after);
/// The newest one that is not after `until`.
std::optional<UtcTime> newest_until(const Schedule& schedule, UtcTime until);
/// How many lie in (after, until].
std::int64_t count_between(const Schedule& schedule, UtcTime after, UtcTime until);

}  // namespace sonde
