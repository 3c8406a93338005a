#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/base/time.h"

namespace sonde {

/// Folders within DATA. A folder has its name by one rename once it is whole, so what a crash left behind is either
/// there or to be thrown away.
struct BackupPlaces {
  explicit BackupPlaces(const std::filesystem::path& data)
      : data(data),
        copy(data / "backup-copy"),
        incoming(data / "restore-incoming"),
        next(data / "restore-next"),
        leaving(data / "restore-leaving"),
        before(data / "before-restore") {}
  std::filesystem::path data;
  std::filesystem::path copy;      ///< of what is being backed up
  std::filesystem::path incoming;  ///< is being unpacked and checked
  std::filesystem::path next;      ///< whole: takes the place of what is there at the next start
  std::filesystem::path leaving;   ///< what is there, while it is being replaced
  std::filesystem::path before;    ///< what was there before the last restore
};

/// At the start, before anything in DATA is opened: throws away what was not finished, and puts a restored state in
/// place. What was there is kept as `before`. Goes on where a crash interrupted it, so a node never runs on a half of
/// each. True = another state is in place. `step` is called before each change of the disk, for tests that break off
/// there. Throws Error.
bool finish_restore(
    const std::filesystem::path& data, const std::function<void()>& step = [] {});

/// What was before the last restore becomes what is put in place at the next start; may be undone in the same way.
/// Throws Error when there is nothing.
void undo_restore(const std::filesystem::path& data);

struct BeforeRestore {
  UtcTime replaced{};
  std::uint64_t octets = 0;
};
std::optional<BeforeRestore> before_restore(const std::filesystem::path& data);
/// Frees its disk; false = there was nothing.
bool forget_before_restore(const std::filesystem::path& data);

}  // namespace sonde
