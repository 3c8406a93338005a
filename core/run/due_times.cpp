#include "core/run/due_times.h"

#include <algorithm>

namespace sonde {
namespace {

constexpr Duration kDay = std::chrono::hours{24};

std::optional<UtcTime> next_of_day(const Schedule& schedule, UtcTime after) {
  for (UtcTime midnight = align_down(after, kDay); midnight <= after + kDay; midnight += kDay)
    for (const TimeOfDay time : schedule.times)
      if (midnight + time > after) return midnight + time;
  return std::nullopt;
}

std::optional<UtcTime> newest_of_day(const Schedule& schedule, UtcTime until) {
  for (UtcTime midnight = align_down(until, kDay); midnight > until - 2 * kDay; midnight -= kDay)
    for (auto time = schedule.times.rbegin(); time != schedule.times.rend(); ++time)
      if (midnight + *time <= until) return midnight + *time;
  return std::nullopt;
}

/// Instants since 1970.
std::int64_t count_until(const Schedule& schedule, UtcTime until) {
  if (schedule.kind == Schedule::Kind::every)
    return align_down(until, schedule.period).time_since_epoch() / schedule.period;
  const UtcTime midnight = align_down(until, kDay);
  const auto today = std::ranges::upper_bound(schedule.times, until - midnight) - schedule.times.begin();
  return midnight.time_since_epoch() / kDay * static_cast<std::int64_t>(schedule.times.size()) + today;
}

}  // namespace

std::optional<UtcTime> next_after(const Schedule& schedule, UtcTime after) {
  if (schedule.kind == Schedule::Kind::at) return next_of_day(schedule, after);
  if (schedule.kind != Schedule::Kind::every) return std::nullopt;
  return align_down(after, schedule.period) + schedule.period;
}

std::optional<UtcTime> newest_until(const Schedule& schedule, UtcTime until) {
  if (schedule.kind == Schedule::Kind::at) return newest_of_day(schedule, until);
  if (schedule.kind != Schedule::Kind::every) return std::nullopt;
  return align_down(until, schedule.period);
}

std::int64_t count_between(const Schedule& schedule, UtcTime after, UtcTime until) {
  if (schedule.kind != Schedule::Kind::at && schedule.kind != Schedule::Kind::every) return 0;
  return std::max<std::int64_t>(0, count_until(schedule, until) - count_until(schedule, after));
}

}  // namespace sonde
