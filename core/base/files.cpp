#include "core/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "core/base/error.h"

namespace sonde {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error("write", path, errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

/// What root writes into another user's folder is that user's, who could not read it otherwise.
void give_to_owner(int file, const std::string& path) {
  struct stat folder {};
  if (::geteuid() != 0 || ::stat(folder_of(path).c_str(), &folder) != 0 || folder.st_uid == 0) return;
  // Where root may not give away (a container without the right) it stays root's.
  [[maybe_unused]] const int done = ::fchown(file, folder.st_uid, folder.st_gid);
}

void write_new(const std::string& path, std::string_view content, mode_t mode) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (file.get() < 0) throw Error("create", path, errno);
  if (::fchmod(file.get(), mode) != 0) throw Error("set the mode of", path, errno);
  give_to_owner(file.get(), path);
  write_all(file.get(), content, path);
  if (::fsync(file.get()) != 0) throw Error("write to the disk", path, errno);
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::size_t most) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (file.get() < 0) throw Error("open", path, errno);
  std::string content;
  std::size_t filled = 0;
  for (;;) {
    if (filled > most) throw Error(path + " is larger than " + std::to_string(most) + " bytes, which is allowed.");
    content.resize(std::min(most + 1, filled + 65536));
    const ssize_t n = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error("read", path, errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  content.resize(filled);
  return content;
}

void write_file_atomically(const std::string& path, std::string_view content, mode_t mode) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  try {
    write_new(temporary, content, mode);
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw Error("replace", path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  const FileDescriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) throw Error("write to the disk", folder_of(path), errno);
}

void make_folder(const std::string& path, mode_t mode) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return;
  std::filesystem::create_directories(path, error);
  if (error) throw Error("make the folder", path, error.value());
  if (::chmod(path.c_str(), mode) != 0) throw Error("set the mode of", path, errno);
}

}  // namespace sonde
