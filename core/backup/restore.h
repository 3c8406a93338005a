#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/backup/contents.h"
#include "core/backup/pack.h"
#include "core/config/config.h"
#include "core/config/rules.h"

namespace sonde {

struct RestoreOptions {
  std::filesystem::path data;
  std::string version;  ///< of this Sonde: newer backups are refused
  Probes probes;
  bool same_node = false;  ///< goes on as the node that was backed up; else it is a copy with an id of its own
  /// Why a configuration cannot run here (disk); empty = it can.
  std::function<std::string(const Config&)> refuse;
  std::uint64_t free_floor_octets = 64 << 20;                             ///< of the disk
  std::function<void(std::uint64_t octets)> told = [](std::uint64_t) {};  ///< unpacked so far
  // For tests only.
  std::function<std::uint64_t()> free_octets;  ///< instead of asking the file system
};

struct Restored {
  BackupDescription description;
  std::string node_id;  ///< from the next start
  std::size_t tests = 0;
};

/// Unpacks a backup beside what is there and checks all of it; once everything is right it takes its place at the next
/// start (finish_restore). Throws Error with a sentence; then nothing of it is left. One at a time.
Restored stage_restore(const RestoreOptions& options, PackReader::Source source);

}  // namespace sonde
