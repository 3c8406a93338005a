#include "core/archive/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"

namespace sonde {
namespace {

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags) : number_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    if (number_ < 0) throw Error("open", path.string(), errno);
  }
  ~Descriptor() { close(number_); }
  Descriptor(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

void copy_all(const Descriptor& from, const Descriptor& to, const std::filesystem::path& name) {
  struct stat facts {};
  if (fstat(from.number(), &facts) != 0) throw Error("read", name.string(), errno);
  for (off_t left = facts.st_size; left > 0;) {
    const ssize_t copied = copy_file_range(from.number(), nullptr, to.number(), nullptr, static_cast<size_t>(left), 0);
    if (copied < 0) throw Error("copy", name.string(), errno);
    if (copied == 0) break;
    left -= copied;
  }
}

}  // namespace

std::uint64_t free_octets(const std::filesystem::path& folder) {
  struct statvfs facts {};
  if (statvfs(folder.c_str(), &facts) != 0) throw Error("ask for the free space of", folder.string(), errno);
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

std::uint64_t used_octets(const std::filesystem::path& folder) {
  std::uint64_t octets = 0;
  std::error_code error;
  using Options = std::filesystem::directory_options;
  for (std::filesystem::recursive_directory_iterator it(folder, Options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    struct stat facts {};
    if (lstat(it->path().c_str(), &facts) == 0 && S_ISREG(facts.st_mode))
      octets += static_cast<std::uint64_t>(facts.st_blocks) * 512;
  }
  return octets;
}

void sync_disk(const std::filesystem::path& folder) {
  const Descriptor directory(folder, O_RDONLY | O_DIRECTORY);
  if (syncfs(directory.number()) != 0) throw Error("write out", folder.string(), errno);
}

void copy_file_to(const std::filesystem::path& from, const std::filesystem::path& to) {
  const Descriptor source(from, O_RDONLY);
  const Descriptor target(to, O_WRONLY | O_CREAT | O_TRUNC);
  copy_all(source, target, to);
}

void copy_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  const std::filesystem::path fresh = to.string() + ".new";
  {
    const Descriptor source(from, O_RDONLY);
    const Descriptor target(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    copy_all(source, target, to);
    if (fsync(target.number()) != 0) throw Error("write out", fresh.string(), errno);
  }
  if (rename(fresh.c_str(), to.c_str()) != 0) throw Error("rename", fresh.string(), errno);
  const Descriptor directory(to.parent_path(), O_RDONLY | O_DIRECTORY);
  if (fsync(directory.number()) != 0) throw Error("write out", to.parent_path().string(), errno);
}

}  // namespace sonde
