#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "core/measurement/result.h"
#include "core/statistics/delay.h"

namespace sonde {

/// How far the delays in a histogram may all be off together.
struct HistogramClock {
  std::optional<Duration> bound;  ///< sum of both ends' bounds; empty = unknown
  bool same_clock = false;        ///< both stamps by one clock
  friend bool operator==(const HistogramClock&, const HistogramClock&) = default;
};

/// Delays of arrived packets as counts. Bins lie relative to the least delay: 1 µs wide up to 1 ms above it, beyond
/// that at most 1 % of the distance from it. A plain value. Least and greatest delay stay exact through merges.
///
/// A merge puts each bin of a histogram with another base where its middle falls, which moves a packet by at most half
/// a bin of the place it comes to. After `merges` generations a packet therefore lies within merges / 2 bin widths of
/// its bin; percentiles carry that in their intervals.
class DelayHistogram {
 public:
  DelayHistogram() = default;
  /// In any order; ±36 years.
  static DelayHistogram of(std::span<const std::int64_t> delays_ns, HistogramClock clock);
  /// All at once, so that it is one generation. Empty ones are skipped; the worst clock is kept.
  static DelayHistogram merge(std::span<const DelayHistogram> parts);

  /// The stored form is drawn in histogram_code.cpp. decode() takes untrusted bytes: empty if anything is wrong.
  Bytes encode() const;
  static std::optional<DelayHistogram> decode(std::span<const std::byte> data);

  bool empty() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  std::int64_t min_ns() const { return base_; }  ///< of a histogram that is not empty
  std::int64_t max_ns() const { return max_; }
  const HistogramClock& clock() const { return clock_; }
  unsigned merges() const { return merges_; }
  /// Only those with a count, ascending.
  std::vector<HistogramBin> bins() const;
  /// How far a packet may lie outside the bin that holds `delay_ns`, because of merging.
  std::int64_t merge_error_ns(std::int64_t delay_ns) const;
  /// Middle of the bin where the rank falls, as exactly as the bins allow; the interval joins sampling (95 %), width of
  /// bin and merging, not the clock. Published by the same rule as of single delays.
  std::optional<Estimate> percentile(int percent) const;

  friend bool operator==(const DelayHistogram&, const DelayHistogram&) = default;

 private:
  struct Cell {
    std::uint16_t index = 0;
    std::uint64_t count = 0;
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  static constexpr unsigned kMostMerges = 100;  // far beyond any use; keeps every error within 64 bits
  const Cell& cell_of_rank(std::uint64_t rank) const;
  bool decode_cells(ByteReader& in, std::uint64_t cells);

  std::int64_t base_ = 0, max_ = 0;
  std::uint64_t count_ = 0;
  unsigned merges_ = 0;
  HistogramClock clock_;
  std::vector<Cell> cells_;  // ascending, no empty ones
};

}  // namespace sonde
