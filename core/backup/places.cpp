#include "core/backup/places.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "core/archive/disk.h"
#include "core/base/error.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

/// What a backup replaces; all else in DATA (users, certificate, earlier versions of the configuration) stays.
constexpr std::array<const char*, 3> kReplaced = {"archive", "sonde.xml", "as.csv"};

void move(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw Error("rename", from.string(), errno);
  sync_disk(to.parent_path());
}

}  // namespace

bool finish_restore(const fs::path& data, const std::function<void()>& step) {
  const BackupPlaces places(data);
  for (const fs::path& unfinished : {places.copy, places.incoming}) {
    step();
    fs::remove_all(unfinished);
  }
  if (fs::exists(places.next)) {
    step();
    fs::create_directories(places.leaving);
    for (const char* name : kReplaced) {
      if (!fs::exists(places.next / name)) continue;  // done, or not part of it
      step();
      // Once gone from there it is not fetched again: what is there now came from `next`.
      if (fs::exists(data / name)) move(data / name, places.leaving / name);
      step();
      move(places.next / name, data / name);
    }
    step();
    fs::remove_all(places.next);
    sync_disk(data);
  }
  if (!fs::exists(places.leaving)) return false;
  step();
  fs::remove_all(places.before);
  step();
  move(places.leaving, places.before);
  return true;
}

void undo_restore(const fs::path& data) {
  const BackupPlaces places(data);
  if (!fs::exists(places.before))
    throw Error("There is nothing to go back to: no restore was made, or it was forgotten.");
  if (fs::exists(places.next)) throw Error("A restore waits for the node's next start already.");
  move(places.before, places.next);
}

std::optional<BeforeRestore> before_restore(const fs::path& data) {
  const BackupPlaces places(data);
  struct stat facts {};
  if (stat(places.before.c_str(), &facts) != 0) return std::nullopt;
  return BeforeRestore{UtcTime{std::chrono::seconds{facts.st_ctim.tv_sec}}, used_octets(places.before)};
}

bool forget_before_restore(const fs::path& data) { return fs::remove_all(BackupPlaces(data).before) > 0; }

}  // namespace sonde
