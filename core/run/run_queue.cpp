#include "core/run/run_queue.h"

#include <algorithm>

namespace sonde {

std::optional<RunView> RunQueue::take_first(const Which& which) {
  const auto found = std::ranges::find_if(runs_, which);
  if (found == runs_.end()) return std::nullopt;
  RunView run = std::move(*found);
  runs_.erase(found);
  return run;
}

std::optional<RunView> RunQueue::take(const std::string& run) {
  return take_first([&](const RunView& each) { return each.id == run; });
}

const RunView* RunQueue::find(const std::string& run) const {
  const auto found = std::ranges::find(runs_, run, &RunView::id);
  return found == runs_.end() ? nullptr : &*found;
}

void RunQueue::tell(const std::function<void(RunView&)>& what) {
  std::uint32_t position = 0;
  for (RunView& run : runs_) {
    run.queue_position = ++position;
    what(run);
  }
}

}  // namespace sonde
