#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace sonde {

struct ProgramOutcome {
  int status = -1;   ///< exit code; 128 + signal when one ended it; -1 = it was not started
  std::string said;  ///< both its outputs, at most 64 KiB
};

/// Runs a program of the system by its whole path, with these words and no shell, and waits at most `limit`; then it is
/// ended. `input` is what it reads. Never throws.
ProgramOutcome run_program(const std::vector<std::string>& words, const std::string& input = {},
                           Duration limit = std::chrono::seconds(60));

}  // namespace sonde
