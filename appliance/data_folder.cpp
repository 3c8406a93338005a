#include "appliance/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "core/base/error.h"

namespace sonde {

std::filesystem::path standard_data_folder() {
  if (geteuid() == 0) return "/var/lib/sonde";
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
    return std::filesystem::path(data) / "sonde";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    throw Error("Neither XDG_DATA_HOME nor HOME is set: say where the data goes with --data DIR.");
  return std::filesystem::path(home) / ".local/share/sonde";
}

DataFolder::DataFolder(std::filesystem::path path) : path_(std::filesystem::absolute(path)) {
  std::error_code error;
  std::filesystem::create_directories(path_.parent_path(), error);
  if (mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) throw Error("make the data folder", path_, errno);
  const auto file = path_ / "lock";
  lock_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0) throw Error("open", file, errno);
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    char owner[32] = {};
    const auto n = pread(lock_, owner, sizeof owner - 1, 0);
    close(lock_);
    throw Error("The data folder " + path_.string() + " is in use by a running sonde" +
                (n > 0 ? " (process " + std::string(owner, static_cast<std::size_t>(n)) + ")" : "") +
                ": stop that one or choose another folder with --data DIR.");
  }
  const std::string pid = std::to_string(getpid());
  if (ftruncate(lock_, 0) != 0 || pwrite(lock_, pid.data(), pid.size(), 0) < 0) throw Error("write", file, errno);
}

DataFolder::~DataFolder() { close(lock_); }

}  // namespace sonde
