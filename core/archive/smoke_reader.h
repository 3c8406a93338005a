#pragma once

#include "core/archive/histograms.h"
#include "core/archive/result_table.h"
#include "core/archive/strands.h"
#include "core/base/clock.h"

namespace sonde {

/// Delays over time from merged histograms, at any width. Safe to call from any thread, each call with a connection of
/// its own.
class SmokeReader {
 public:
  SmokeReader(const Clock& clock, const Strands& strands, const ResultTable& results)
      : clock_(clock), strands_(strands), results_(results) {}

  Smoke smoke(Journal& journal, const std::string& test, std::uint32_t revision, Direction direction, TimeRange range,
              Duration resolution) const;

  /// Hands over one merged row for each stretch of `step` (aligned) in which there is any, ascending. Within a
  /// transaction. `step` grows where the range is so old that only wider ones are kept; returns what it became.
  Duration merged(Journal& journal, const Strand& strand, TimeRange range, Duration step,
                  const std::function<void(const HistogramRow&)>& take) const;

 private:
  std::vector<HistogramRow> unapplied_rows(Journal& journal, const Strand& strand, TimeRange range) const;

  const Clock& clock_;
  const Strands& strands_;
  const ResultTable& results_;
};

/// Seconds; empty where it may not be published. `lost` = packets that count as infinitely late.
std::optional<double> percentile_s(const DelayHistogram& delays, int percent, std::uint64_t lost = 0);

}  // namespace sonde
