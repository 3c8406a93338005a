#pragma once

#include <optional>

#include "core/base/time.h"

namespace sonde {

/// How long a trial must have been well without a break before it is confirmed, and when it is given up. The boot menu
/// then starts the system of before, because the trial was begun once.
inline constexpr Duration kTrialWell = std::chrono::seconds(30), kTrialLimit = std::chrono::minutes(5);

enum class TrialStep : std::uint8_t { wait, confirm, reboot };

/// The appliance's judgement of a system on trial. Owned by whoever asks the node for its health; one thread.
class TrialJudge {
 public:
  explicit TrialJudge(SteadyTime begin) : begin_(begin) {}
  /// One look at the node: whether its health check answered that all is well.
  TrialStep look(SteadyTime now, bool well) {
    if (!well) well_since_.reset();
    if (well && !well_since_) well_since_ = now;
    if (well_since_ && now - *well_since_ >= kTrialWell) return TrialStep::confirm;
    return now - begin_ >= kTrialLimit ? TrialStep::reboot : TrialStep::wait;
  }

 private:
  SteadyTime begin_;
  std::optional<SteadyTime> well_since_;
};

}  // namespace sonde
