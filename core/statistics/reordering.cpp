#include "core/statistics/reordering.h"

#include <algorithm>
#include <vector>

namespace sonde {
namespace {

/// How many packets directly before number i were sent after it, as far as `most`.
std::size_t later_sent_before(std::span<const std::uint32_t> sequences, std::size_t i, std::size_t most) {
  std::size_t n = 0;
  while (n < most && n < i && sequences[i - n - 1] > sequences[i]) ++n;
  return n;
}

}  // namespace

Reordering reordering(std::span<const std::uint32_t> sequences) {
  Reordering result;
  std::vector<std::uint32_t> greatest;  // so far, before each arrival; ascending, so that it can be searched
  greatest.reserve(sequences.size());
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const std::uint32_t s = sequences[i];
    if (i > 0 && s < greatest.back()) {
      ++result.reordered;
      // The earliest arrival with a greater number is where the greatest so far first passes this one.
      const auto earliest = std::upper_bound(greatest.begin(), greatest.end(), s);
      const auto extent = static_cast<std::uint64_t>(greatest.end() - earliest);
      result.extent = std::max(result.extent.value_or(0), extent);
      const std::size_t n = later_sent_before(sequences, i, result.n_reordered.size());
      for (std::size_t k = 0; k < n; ++k) ++result.n_reordered[k];
    }
    greatest.push_back(i > 0 ? std::max(greatest.back(), s) : s);
  }
  return result;
}

}  // namespace sonde
