#pragma once

#include <string>

#include "core/archive/archive.h"
#include "core/base/json.h"

namespace sonde::web {

/// Columns of equal length; times as whole steps from `begin`. Both forms hold exactly the same points.
JsonWriter series_json(const Series& series, const SeriesKey& key, const Metric* metric, const TimeRange& range);
std::string series_csv(const Series& series, const Metric* metric);
JsonWriter smoke_json(const Smoke& smoke, const std::string& test, std::uint32_t revision, Direction direction,
                      const TimeRange& range);
std::string smoke_csv(const Smoke& smoke);

/// "index": whole steps from `begin`.
void write_index(JsonWriter& out, const Series& series, UtcTime begin);

}  // namespace sonde::web
