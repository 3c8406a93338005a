#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "core/run/probe_type.h"

namespace sonde {

/// What was asked on the command line of `sonde restore`.
struct RestoreOrder {
  std::string file;
  std::string as;     ///< "same" or "copy"
  bool undo = false;  ///< instead of a file: back to what was before the last restore
};

/// `sonde backup FILE`: the running node's backup, by its socket. Returns the exit code; throws Error.
int write_backup(const std::filesystem::path& data, const std::string& file);
/// `sonde restore`: through the running node, or else into the folder for its next start.
int restore_backup(const std::filesystem::path& data, const RestoreOrder& order,
                   std::span<const ProbeType* const> catalogue);

}  // namespace sonde
