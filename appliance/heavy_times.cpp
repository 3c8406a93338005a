#include "appliance/heavy_times.h"

#include <algorithm>

namespace sonde {
namespace {

constexpr Duration kKept = std::chrono::hours{24};

}  // namespace

void HeavyTimes::note(const Lease& lease) {
  const std::lock_guard lock(mutex_);
  if (lease.outcome == kNothingMoved) {
    if (!held_.empty() && held_.back().lease == lease.id) held_.pop_back();
    return;
  }
  const bool ended = lease.end != UtcTime{};
  const TimeRange time{lease.begin, ended ? lease.end : lease.until};
  while (!held_.empty() && held_.front().time.end < lease.begin - kKept) held_.pop_front();
  if (!held_.empty() && held_.back().lease == lease.id)
    held_.back().time = time;
  else
    held_.push_back({lease.id, time});
}

bool HeavyTimes::overlap(UtcTime begin, UtcTime end) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(held_, [&](const Held& held) { return held.time.begin <= end && held.time.end >= begin; });
}

}  // namespace sonde
