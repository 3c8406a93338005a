#include "probes/throughput/sequence_check.h"

#include <algorithm>
#include <cmath>

namespace sonde::throughput {

void SequenceCheck::take(std::uint64_t sequence) {
  if (sequence > highest_) {
    const std::uint64_t step = sequence - highest_;
    lost_ += static_cast<std::int64_t>(step - 1);
    for (std::uint64_t i = 1; i < std::min(step, kMemory); ++i) seen_.reset((highest_ + i) % kMemory);
    if (step >= kMemory) seen_.reset();
    highest_ = sequence;
    seen_.set(sequence % kMemory);
    return;
  }
  if (sequence == 0 || highest_ - sequence >= kMemory || seen_.test(sequence % kMemory)) {
    ++duplicates_;
    return;
  }
  seen_.set(sequence % kMemory);
  ++out_of_order_;
  if (lost_ > 0) --lost_;
}

void Jitter::take(double transit_seconds) {
  if (any_) seconds_ += (std::abs(transit_seconds - previous_) - seconds_) / 16;
  previous_ = transit_seconds;
  any_ = true;
}

}  // namespace sonde::throughput
