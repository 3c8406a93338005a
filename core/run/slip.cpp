#include "core/run/slip.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sonde {
namespace {

/// Eight buckets to each doubling; below 8 ns one for each value.
std::size_t bucket_of(std::uint64_t ns) {
  if (ns < 8) return ns;
  const auto octave = static_cast<std::size_t>(std::bit_width(ns)) - 4;
  return octave * 8 + (ns >> octave);
}

std::uint64_t bucket_end(std::size_t bucket) {
  if (bucket < 16) return bucket;
  const std::size_t octave = bucket / 8 - 1;
  return ((bucket % 8 + 8 + 1) << octave) - 1;
}

}  // namespace

void Slip::add(Duration late) {
  const std::int64_t ns = std::max<std::int64_t>(late.count(), 0);
  const std::size_t bucket = std::min(bucket_of(static_cast<std::uint64_t>(ns)), buckets_.size() - 1);
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  if (ns > max_.load(std::memory_order_relaxed)) max_.store(ns, std::memory_order_relaxed);
}

Duration Slip::percentile(double share) const {
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count()))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= wanted) return std::min(Duration{static_cast<std::int64_t>(bucket_end(i))}, max());
  }
  return {};
}

}  // namespace sonde
