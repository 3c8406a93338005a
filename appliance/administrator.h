#pragma once

#include <string>

#include "core/access/access.h"

namespace sonde {

struct ResetOutcome {
  bool done = false;
  std::string sentence;  ///< what happened, or why not
};
/// A new password for the first administrator; all its sessions end. For local root only: asks for no old one.
ResetOutcome reset_administrator(Access& access, const std::string& password);

/// Why this name and password are not those of an administrator; empty = they are. Failures delay the next
/// try through the same `access`. Writes nothing: root asks this of files that are the node's.
std::string refuse_as_administrator(Access& access, const std::string& user, const std::string& password);

}  // namespace sonde
