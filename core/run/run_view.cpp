#include "core/run/run_view.h"

namespace sonde {

std::string_view to_string(RunState state) {
  static constexpr std::string_view kNames[] = {"queued", "running", "done", "failed", "skipped", "refused"};
  return kNames[static_cast<int>(state)];
}

RunState state_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return RunState::done;
    case Outcome::failed:
      return RunState::failed;
    case Outcome::skipped:
      return RunState::skipped;
    case Outcome::refused:
      return RunState::refused;
    case Outcome::busy:
      return RunState::queued;
  }
  return RunState::failed;
}

}  // namespace sonde
