#pragma once

#include <bit>
#include <cstdint>

namespace sonde::histogram_bins {

/// The fixed division of the distance from the base, in nanoseconds: 1,000 bins of 1 µs, then 100 bins for each
/// doubling from 1 ms on. The first bin of a doubling is 1 % of its distance wide, the last 0.5 %.
inline constexpr std::int64_t kFine = 1'000, kFineEnd = 1'000'000, kCoarse = 10'000;
inline constexpr unsigned kFineBins = 1'000, kPerDoubling = 100, kDoublings = 42;
inline constexpr unsigned kBins = kFineBins + kPerDoubling * kDoublings;

/// Edges of a bin: low <= distance < high.
constexpr std::int64_t low(unsigned index) {
  if (index < kFineBins) return index * kFine;
  const unsigned doubling = (index - kFineBins) / kPerDoubling, step = (index - kFineBins) % kPerDoubling;
  return (kFineEnd + step * kCoarse) << doubling;
}
constexpr std::int64_t width(unsigned index) {
  return index < kFineBins ? kFine : kCoarse << ((index - kFineBins) / kPerDoubling);
}

/// The bin of a distance >= 0; the last one takes all that is farther.
constexpr unsigned index(std::int64_t distance) {
  if (distance < kFineEnd) return static_cast<unsigned>(distance / kFine);
  const unsigned doubling = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(distance / kFineEnd))) - 1;
  if (doubling >= kDoublings) return kBins - 1;
  return kFineBins + doubling * kPerDoubling + static_cast<unsigned>(((distance >> doubling) - kFineEnd) / kCoarse);
}

}  // namespace sonde::histogram_bins
