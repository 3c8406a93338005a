#pragma once

#include "core/base/time.h"

namespace sonde {

/// Ends the node and keeps it from starting while this lives.
class NodeHeld {
 public:
  NodeHeld();
  ~NodeHeld();
  NodeHeld(const NodeHeld&) = delete;
  NodeHeld& operator=(const NodeHeld&) = delete;
};

/// Ends the program whose process id a file holds; init starts it again. Waits up to `patience` for its end.
void restart_program(const char* pid_file, Duration patience = std::chrono::seconds(10));

}  // namespace sonde
