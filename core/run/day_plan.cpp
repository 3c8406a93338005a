#include "core/run/day_plan.h"

#include <algorithm>
#include <queue>

#include "core/run/due_times.h"

namespace sonde {
namespace {

using Next = std::pair<UtcTime, const TestSpec*>;

std::optional<UtcTime> first_of(const TestSpec& spec, UtcTime next_due, TimeRange range) {
  if (next_due >= range.begin) return next_due;
  return next_after(spec.schedule, range.begin - Duration{1});
}

}  // namespace

DayPlan plan_ahead(std::span<const TestSpec* const> tests, const std::map<std::string, UtcTime>& next_due,
                   std::span<const PauseWindow> pauses, const std::function<Duration(const TestSpec&)>& length,
                   TimeRange range, std::size_t most) {
  std::priority_queue<Next, std::vector<Next>, std::greater<>> next;
  for (const TestSpec* spec : tests) {
    const auto known = next_due.find(spec->id);
    if (known == next_due.end()) continue;
    if (const auto first = first_of(*spec, known->second, range); first && *first < range.end)
      next.emplace(*first, spec);
  }
  DayPlan plan;
  while (!next.empty() && plan.runs.size() < most) {
    const auto [due, spec] = next.top();
    next.pop();
    const Duration takes = length(*spec);
    const PauseWindow* pause = spec->self_check ? nullptr : pause_within(pauses, due, due + takes);
    plan.runs.push_back({spec, due, takes, pause});
    if (const auto after = next_after(spec->schedule, due); after && *after < range.end) next.emplace(*after, spec);
  }
  for (; !next.empty(); next.pop()) {
    const auto [due, spec] = next.top();
    const auto further = count_between(spec->schedule, due, range.end - Duration{1});
    plan.left_out += 1 + static_cast<std::uint64_t>(further);
  }
  return plan;
}

}  // namespace sonde
