#include "appliance/host_area.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "core/base/error.h"

namespace sonde {
namespace {

constexpr std::size_t kPiece = 1 << 20;
constexpr const char* kCutOff = "The image ends before all of it was copied.";

std::size_t read_at(int fd, std::uint64_t offset, std::span<char> into, const std::string& path) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const ssize_t n = ::pread(fd, into.data() + filled, into.size() - filled, static_cast<off_t>(offset + filled));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error("read", path, errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  return filled;
}

int flags_of(OpenArea::For use) {
  if (use == OpenArea::For::reading) return O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
  // On a block device O_EXCL means: only if nobody, a mount above all, holds it or a part of it.
  return O_RDWR | O_CLOEXEC | O_NOFOLLOW | (use == OpenArea::For::writing ? O_EXCL : 0);
}

}  // namespace

OpenArea::OpenArea(Area area, For use) : area_(std::move(area)) {
  fd_ = ::open(area_.path.c_str(), flags_of(use));
  if (fd_ < 0 && errno == EBUSY) throw Error(area_.path + " is in use by this very system and is not written.");
  if (fd_ < 0) throw Error("open", area_.path, errno);
}

OpenArea::~OpenArea() { ::close(fd_); }

std::size_t OpenArea::read(std::uint64_t offset, std::span<char> into) const {
  if (offset >= area_.octets) return 0;
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), area_.octets - offset));
  return read_at(fd_, area_.begin + offset, into.first(most), area_.path);
}

void OpenArea::write(std::uint64_t offset, std::span<const char> from) {
  if (offset > area_.octets || from.size() > area_.octets - offset)
    throw Error("What should be written to " + area_.path + " does not fit there.");
  for (std::size_t done = 0; done < from.size();) {
    const ssize_t n =
        ::pwrite(fd_, from.data() + done, from.size() - done, static_cast<off_t>(area_.begin + offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error("write", area_.path, errno);
    done += static_cast<std::size_t>(n);
  }
}

void OpenArea::settle() {
  if (::fsync(fd_) != 0) throw Error("write to the disk", area_.path, errno);
  // So that reading back asks the disk and not memory. A plain file has only the second way, which is a request.
  struct stat kind {};
  if (::fstat(fd_, &kind) == 0 && S_ISBLK(kind.st_mode)) ::ioctl(fd_, BLKFLSBUF);
  ::posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED);
}

ImageOctets OpenArea::as_image() const {
  return {[this](std::uint64_t offset, std::span<char> into) { return read(offset, into); }, area_.octets, false};
}

ImageFile::ImageFile(const std::string& path) {
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd_ < 0) throw Error("open", path, errno);
  struct stat kind {};
  if (::fstat(fd_, &kind) != 0 || !S_ISREG(kind.st_mode)) {
    ::close(fd_);
    throw Error(path + " is not a plain file.");
  }
  length_ = static_cast<std::uint64_t>(kind.st_size);
}

ImageFile::~ImageFile() { ::close(fd_); }

ImageOctets ImageFile::octets() const {
  return {[fd = fd_](std::uint64_t offset, std::span<char> into) { return read_at(fd, offset, into, "the image"); },
          length_};
}

void copy_checked(std::span<const char> from, OpenArea& to, std::uint64_t offset) {
  to.write(offset, from);
  to.settle();
  std::vector<char> back(from.size());
  if (to.read(offset, back) != back.size() || !std::ranges::equal(back, from))
    throw Error("The disk gives back something else than what was written to it. It is not to be trusted.");
}

namespace {

/// An area whose first octets are held back.
ImageOctets with_head(const OpenArea& area, std::span<const char> head) {
  const auto read = [&area, head, rest = area.as_image()](std::uint64_t offset, std::span<char> into) -> std::size_t {
    if (offset >= head.size()) return rest.read(offset, into);
    const std::size_t held = std::min(into.size(), head.size() - static_cast<std::size_t>(offset));
    std::ranges::copy(head.subspan(static_cast<std::size_t>(offset), held), into.begin());
    return held + (held == into.size() ? 0 : rest.read(offset + held, into.subspan(held)));
  };
  return {read, area.octets(), false};
}

}  // namespace

void copy_image(const ImageOctets& from, const ImageJudgement& judged, OpenArea& to, const TellProgress& tell) {
  const ImageManifest& manifest = *judged.manifest;
  if (manifest.size + kImageTrailer > to.octets()) throw Error("The image does not fit into the place for it.");
  // A trailer of before must not vouch for what is now written piece by piece.
  const std::vector<char> nothing(kImageTrailer);
  to.write(manifest.size, nothing);
  // The head comes last: without it neither we nor a boot menu find a file system in what is not yet known to be good,
  // and whoever can still write to the image is too late.
  std::vector<char> head(static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, manifest.size)));
  to.write(0, std::vector<char>(kPiece));
  to.settle();
  if (from.read(0, head) != head.size()) throw Error(kCutOff);
  std::vector<char> piece(kPiece);
  for (std::uint64_t at = head.size(); at < manifest.size;) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, manifest.size - at));
    if (from.read(at, std::span(piece).first(want)) != want) throw Error(kCutOff);
    to.write(at, std::span(piece).first(want));
    at += want;
    if (tell) tell({"writing the system", at, manifest.size});
  }
  to.settle();
  const auto back = check_content(with_head(to, head), manifest, [&](std::uint64_t at) {
    if (tell) tell({"reading it back", at, manifest.size});
  });
  if (back.fault != ImageFault::none)
    throw Error(
        "What was written to the disk does not come back as it was signed: the disk is damaged, or the image was "
        "changed meanwhile. The slot is left empty.");
  copy_checked(head, to, 0);
  copy_checked(judged.trailer, to, manifest.size);
}

}  // namespace sonde
