#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/measurement/result.h"

namespace sonde {

enum class RunState : std::uint8_t { queued, running, done, failed, skipped, refused };
std::string_view to_string(RunState state);
RunState state_of(Outcome outcome);
inline bool ended(RunState state) { return state >= RunState::done; }

/// One planned, running or ended run, as the pages tell it.
struct RunView {
  std::string id, test, title, probe, requester;
  RunState state = RunState::queued;
  UtcTime planned{}, begin{}, end{};  ///< zero where not reached
  std::string sentence;               ///< once ended: never empty; before: why it still waits
  double progress = -1;               ///< 0..1 while running; negative = unknown
  std::string phase;
  std::uint32_t queue_position = 0;  ///< of a queued on-demand run, from 1
  std::optional<UtcTime> expected_start;
  bool heavy = false;         ///< it takes the slot
  std::uint32_t retries = 0;  ///< how often it was tried again
};

}  // namespace sonde
