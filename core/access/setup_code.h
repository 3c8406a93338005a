#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace sonde {

/// The ten characters that prove who sets the node up can see its console. New at each start, in memory only, never in
/// a log. Safe to call from any thread.
class SetupCode {
 public:
  explicit SetupCode(const Clock& clock);
  /// For the console and the operator's terminal only: "7K2QX-9M4TD" without the hyphen.
  const std::string& text() const { return code_; }

  enum class Answer : std::uint8_t { right, wrong, paused };
  /// Reads as people write: any case, hyphens and blanks, O as 0, I and L as 1. Five wrong ones pause entry for 60 s.
  Answer check(std::string_view entered);
  /// What is left of a pause, else zero.
  Duration pause_left() const;

 private:
  const Clock& clock_;
  std::string code_;
  mutable std::mutex mutex_;
  int wrong_ = 0;
  SteadyTime paused_until_{SteadyTime::min()};
};

}  // namespace sonde
