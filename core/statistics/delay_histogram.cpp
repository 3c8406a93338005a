#include "core/statistics/delay_histogram.h"

#include <algorithm>
#include <array>
#include <memory>

#include "core/statistics/histogram_bins.h"

namespace sonde {
namespace {

using histogram_bins::kBins;

/// Delays beyond it are cut to it, so that no sum of base and distance leaves 64 bits.
constexpr std::int64_t kFarthest = std::int64_t{1} << 60;

HistogramClock worse(const HistogramClock& a, const HistogramClock& b) {
  HistogramClock clock{.bound = std::nullopt, .same_clock = a.same_clock && b.same_clock};
  if (a.bound && b.bound) clock.bound = std::max(*a.bound, *b.bound);
  return clock;
}

}  // namespace

DelayHistogram DelayHistogram::of(std::span<const std::int64_t> delays_ns, HistogramClock clock) {
  DelayHistogram histogram;
  histogram.clock_ = clock;
  if (clock.bound) histogram.clock_.bound = std::clamp(*clock.bound, Duration::zero(), Duration{kFarthest});
  if (delays_ns.empty()) return histogram;
  std::vector<std::int64_t> sorted(delays_ns.begin(), delays_ns.end());
  for (auto& delay : sorted) delay = std::clamp(delay, -kFarthest, kFarthest);
  if (!std::ranges::is_sorted(sorted)) std::ranges::sort(sorted);
  histogram.base_ = sorted.front();
  histogram.max_ = sorted.back();
  histogram.count_ = sorted.size();
  for (const std::int64_t delay : sorted) {
    const auto index = static_cast<std::uint16_t>(histogram_bins::index(delay - histogram.base_));
    if (histogram.cells_.empty() || histogram.cells_.back().index != index) histogram.cells_.push_back({index, 0});
    ++histogram.cells_.back().count;
  }
  return histogram;
}

DelayHistogram DelayHistogram::merge(std::span<const DelayHistogram> parts) {
  DelayHistogram merged;
  for (const DelayHistogram& part : parts) {
    if (part.empty()) continue;
    const bool first = merged.empty();
    merged.base_ = first ? part.base_ : std::min(merged.base_, part.base_);
    merged.max_ = first ? part.max_ : std::max(merged.max_, part.max_);
    merged.clock_ = first ? part.clock_ : worse(merged.clock_, part.clock_);
    merged.count_ += part.count_;
  }
  const auto counts = std::make_unique<std::array<std::uint64_t, kBins>>();
  for (const DelayHistogram& part : parts) {
    if (part.empty()) continue;
    const std::int64_t shift = part.base_ - merged.base_;
    merged.merges_ = std::max(merged.merges_, std::min(kMostMerges, part.merges_ + (shift != 0)));
    for (const Cell& cell : part.cells_) {
      const std::int64_t middle = histogram_bins::low(cell.index) + histogram_bins::width(cell.index) / 2;
      (*counts)[histogram_bins::index(shift + middle)] += cell.count;
    }
  }
  for (unsigned i = 0; i < kBins; ++i) {
    if ((*counts)[i] > 0) merged.cells_.push_back({static_cast<std::uint16_t>(i), (*counts)[i]});
  }
  return merged;
}

std::vector<HistogramBin> DelayHistogram::bins() const {
  std::vector<HistogramBin> bins;
  bins.reserve(cells_.size());
  for (const Cell& cell : cells_) {
    const std::int64_t low = base_ + histogram_bins::low(cell.index);
    bins.push_back({low, low + histogram_bins::width(cell.index), cell.count});
  }
  return bins;
}

std::int64_t DelayHistogram::merge_error_ns(std::int64_t delay_ns) const {
  const std::int64_t distance = std::clamp(delay_ns, base_, max_) - base_;
  const std::int64_t half = (histogram_bins::width(histogram_bins::index(distance)) + 1) / 2;
  return half * merges_;
}

const DelayHistogram::Cell& DelayHistogram::cell_of_rank(std::uint64_t rank) const {
  for (const Cell& cell : cells_) {
    if (rank <= cell.count) return cell;
    rank -= cell.count;
  }
  return cells_.back();
}

std::optional<Estimate> DelayHistogram::percentile(int percent) const {
  if (!publishable(count_, percent)) return std::nullopt;
  const RankInterval ranks = rank_interval(count_, percent);
  const auto edges = [&](std::uint64_t rank) {
    const Cell& cell = cell_of_rank(rank);
    const std::int64_t low = base_ + histogram_bins::low(cell.index), width = histogram_bins::width(cell.index);
    const std::int64_t error = merge_error_ns(low);
    return std::array{low - error, low + width / 2, low + width - 1 + error};
  };
  const auto within = [&](std::int64_t ns) { return std::clamp(ns, base_, max_); };
  Estimate estimate{.value_ns = within(edges(rank_of(count_, percent))[1]), .low_ns = {}, .high_ns = {}};
  if (ranks.low > 0) estimate.low_ns = within(edges(ranks.low)[0]);
  if (ranks.high <= count_) estimate.high_ns = within(edges(ranks.high)[2]);
  return estimate;
}

}  // namespace sonde
