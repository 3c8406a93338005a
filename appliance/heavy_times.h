#pragma once

#include <deque>
#include <mutex>

#include "core/base/time.h"
#include "core/run/saturating_slot.h"

namespace sonde {

/// When heavy tests ran on this node, own and inbound, for those who store Results. Safe to use from any thread.
class HeavyTimes {
 public:
  /// A lease that was given, or that has ended.
  void note(const Lease& lease);
  /// True when a heavy test ran at any time of [begin, end]; one that holds the slot runs on till its lease ends.
  bool overlap(UtcTime begin, UtcTime end) const;

 private:
  struct Held {
    std::uint64_t lease;
    TimeRange time;
  };
  mutable std::mutex mutex_;
  std::deque<Held> held_;  // guarded by mutex_; of the last 24 h
};

}  // namespace sonde
