#pragma once

#include <array>
#include <atomic>

#include "core/base/time.h"

namespace sonde {

/// How late deadlines were served, to within 1/8 of the value. One thread adds, any may read.
class Slip {
 public:
  void add(Duration late);
  /// The smallest value that `share` (0..1) of all do not exceed, rounded up to its bucket's end; zero when empty.
  Duration percentile(double share) const;
  Duration max() const { return Duration{max_.load(std::memory_order_relaxed)}; }
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint64_t>, 512> buckets_{};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::int64_t> max_{0};
};

}  // namespace sonde
