#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "core/run/run_view.h"

namespace sonde {

/// On-demand runs that wait, in the order of asking. On the TaskLoop.
class RunQueue {
 public:
  static constexpr std::size_t kRoom = 100;
  using Which = std::function<bool(const RunView&)>;

  bool full() const { return runs_.size() >= kRoom; }
  void push(RunView run) { runs_.push_back(std::move(run)); }
  /// The first that `which` says yes to, taken out.
  std::optional<RunView> take_first(const Which& which);
  std::optional<RunView> take(const std::string& run);
  const RunView* find(const std::string& run) const;
  /// In order; positions are counted anew.
  void tell(const std::function<void(RunView&)>& what);
  const std::deque<RunView>& runs() const { return runs_; }

 private:
  std::deque<RunView> runs_;
};

}  // namespace sonde
