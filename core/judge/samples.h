#pragma once

#include <optional>
#include <vector>

#include "core/archive/archive.h"
#include "core/measurement/result.h"
#include "core/statistics/baseline.h"

namespace sonde {

/// What a Result says about one direction, for judging; empty when it says nothing (skipped, refused, other
/// directions).
std::optional<BaselineSample> sample_of(const Result& result, Direction direction);
/// The same of a point of smoke; empty where nothing was sent.
std::optional<BaselineSample> sample_of(const SmokePoint& point, Direction direction, Duration step);

/// The past of one direction from the archive, ascending. A continuous test's minutes come from its histograms, each at
/// the finest step that is kept; other tests' Results one by one, the newest 10,000. Takes long.
std::vector<BaselineSample> read_past(const Archive& archive, const std::string& test, std::uint32_t revision,
                                      Direction direction, Duration step, TimeRange range);

/// A statistic of a Result in one direction, or null.
const Statistic* find_statistic(const Result& result, const Metric& metric, Direction direction);

}  // namespace sonde
