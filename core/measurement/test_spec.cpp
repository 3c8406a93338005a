#include "core/measurement/test_spec.h"

#include <algorithm>

namespace sonde {
namespace {

constexpr Duration kDay = std::chrono::hours{24};

std::string describe_times(const std::vector<TimeOfDay>& times) {
  std::string text = "at";
  for (std::size_t i = 0; i < times.size(); ++i)
    text += (i == 0 ? " " : i + 1 == times.size() ? " and " : ", ") + format_time_of_day(times[i]);
  return text + " UTC";
}

std::vector<Duration> gaps(const Schedule& schedule) {
  if (schedule.kind == Schedule::Kind::once) return {};
  if (schedule.kind != Schedule::Kind::at) return {schedule.period};
  std::vector<Duration> all;
  for (std::size_t i = 1; i < schedule.times.size(); ++i) all.push_back(schedule.times[i] - schedule.times[i - 1]);
  if (!schedule.times.empty()) all.push_back(kDay - (schedule.times.back() - schedule.times.front()));
  return all;
}

}  // namespace

std::string describe(const Schedule& schedule) {
  switch (schedule.kind) {
    case Schedule::Kind::every:
      return "every " + format_duration(schedule.period);
    case Schedule::Kind::continuous:
      return "all day";
    case Schedule::Kind::once:
      return "once at " + format_utc(schedule.at, 0);
    case Schedule::Kind::at:
      return describe_times(schedule.times);
  }
  return "";
}

double runs_per_day(const Schedule& schedule) {
  switch (schedule.kind) {
    case Schedule::Kind::every:
    case Schedule::Kind::continuous:
      return schedule.period > Duration::zero() ? to_seconds(kDay) / to_seconds(schedule.period) : 0;
    case Schedule::Kind::once:
      return 0;
    case Schedule::Kind::at:
      return static_cast<double>(schedule.times.size());
  }
  return 0;
}

Duration longest_gap(const Schedule& schedule) {
  const auto all = gaps(schedule);
  return all.empty() ? Duration::zero() : std::ranges::max(all);
}

Duration shortest_gap(const Schedule& schedule) {
  const auto all = gaps(schedule);
  return all.empty() ? Duration::zero() : std::ranges::min(all);
}

}  // namespace sonde
