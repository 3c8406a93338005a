#include "core/run/retries.h"

#include <algorithm>

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kSoonest = 15s, kLatest = 60s;

}  // namespace

Retries::Retries(TaskLoop& loop, const Clock& clock, Random& random, std::function<void(RunView)> again)
    : loop_(loop), clock_(clock), random_(random), again_(std::move(again)) {}

Retries::~Retries() {
  for (const auto& [id, waiting] : waiting_) loop_.cancel(waiting.timer);
}

bool Retries::wait(const RunView& run, Why why, SteadyTime until) {
  const SteadyTime now = clock_.steady_now();
  const Duration room = std::min<Duration>(kLatest, until - now) - kSoonest;
  if (room < Duration::zero()) return false;
  const auto beyond = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(room.count()) + 1));
  Waiting waiting{run, why, now + kSoonest + Duration{beyond}};
  waiting.timer = loop_.at(waiting.when, [this, id = run.id] {
    if (auto due = take(id)) again_(std::move(*due));
  });
  waiting_[run.id] = std::move(waiting);
  return true;
}

std::optional<RunView> Retries::take(const std::string& run) {
  const auto found = waiting_.find(run);
  if (found == waiting_.end()) return std::nullopt;
  loop_.cancel(found->second.timer);
  RunView taken = std::move(found->second.run);
  waiting_.erase(found);
  return taken;
}

std::optional<SteadyTime> Retries::next() const {
  std::optional<SteadyTime> next;
  for (const auto& [id, waiting] : waiting_) next = std::min(next.value_or(kNever), waiting.when);
  return next;
}

bool Retries::awaits_own_slot() const {
  return std::ranges::any_of(waiting_, [](const auto& each) { return each.second.why == Why::own_slot; });
}

void Retries::each(const std::function<void(const RunView&)>& what) const {
  for (const auto& [id, waiting] : waiting_) what(waiting.run);
}

}  // namespace sonde
