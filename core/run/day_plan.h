#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/measurement/pause_window.h"
#include "core/measurement/test_spec.h"

namespace sonde {

/// A run that is to come, without its part of the spread.
struct PlannedRun {
  const TestSpec* test = nullptr;  ///< of the tests that were given
  UtcTime due{};
  Duration length{};                   ///< of a heavy one, as expected
  const PauseWindow* pause = nullptr;  ///< that it will be skipped for
};
struct DayPlan {
  std::vector<PlannedRun> runs;  ///< by their time
  std::uint64_t left_out = 0;    ///< further ones in the range
};

/// The runs of `range` as the schedules name them, at most `most`, the earliest first. `next_due` = what the scheduler
/// says of each test; one that is not in it has no run planned. `length` = how long a heavy run takes, else zero.
DayPlan plan_ahead(std::span<const TestSpec* const> tests, const std::map<std::string, UtcTime>& next_due,
                   std::span<const PauseWindow> pauses, const std::function<Duration(const TestSpec&)>& length,
                   TimeRange range, std::size_t most);

}  // namespace sonde
