#pragma once

#include <bitset>
#include <cstdint>

namespace sonde::throughput {

/// Loss, order and copies from the numbers of one UDP stream, as iperf3 counts them: what is missing below the highest
/// number is lost until it comes late; then it is out of order instead. A copy of what came before is neither.
class SequenceCheck {
 public:
  void take(std::uint64_t sequence);
  std::int64_t lost() const { return lost_; }
  std::uint64_t highest() const { return highest_; }
  std::uint64_t out_of_order() const { return out_of_order_; }
  std::uint64_t duplicates() const { return duplicates_; }

 private:
  // So far back a copy is told from a late packet; what is older counts as a copy.
  static constexpr std::uint64_t kMemory = 8192;
  std::bitset<kMemory> seen_;
  std::uint64_t highest_ = 0, out_of_order_ = 0, duplicates_ = 0;
  std::int64_t lost_ = 0;
};

/// RFC 1889 jitter, in seconds.
class Jitter {
 public:
  void take(double transit_seconds);
  double seconds() const { return seconds_; }

 private:
  double previous_ = 0, seconds_ = 0;
  bool any_ = false;
};

}  // namespace sonde::throughput
