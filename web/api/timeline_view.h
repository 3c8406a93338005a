#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/run/run_view.h"
#include "web/view.h"

namespace sonde::web {

/// One run on the timeline: what became of it, or what is planned.
struct TimelineBlock {
  RunView run;           ///< of a planned one only test, title, probe, planned and heavy
  bool planned = false;  ///< it is to come
  UtcTime until{};       ///< of a planned or running heavy one: its expected end; zero = unknown
};

struct Timeline {
  TimeRange range;
  std::vector<TimelineBlock> blocks;  ///< by their begin; at most 2,000 of the past and as many to come
  std::uint64_t tests_not_read = 0;   ///< whose past is not in it but for the newest 200 runs of all
  std::uint64_t runs_left_out = 0;    ///< of the past that were found, and planned ones
  std::vector<std::pair<TimeRange, std::string>> pauses;  ///< with a sentence each
};

inline constexpr std::size_t kMostBlocks = 2000;

/// Runs that ended (of memory and archive), run, wait and are to come. Where room is short heavy ones come first and
/// the node's checks of itself last; `self_checks` false leaves those out.
Timeline timeline_of(const Snapshot& now, const Archive& archive, std::span<const ProbeType* const> probes,
                     TimeRange range, bool self_checks = true);

}  // namespace sonde::web
