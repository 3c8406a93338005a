#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "core/host/image_file.h"

namespace sonde {

/// How far a long piece of work is; told some times a second at most by whoever shows it.
struct HostProgress {
  std::string sentence;             ///< what is being done
  std::uint64_t done = 0, all = 0;  ///< octets; all 0 = not counted
};
using TellProgress = std::function<void(const HostProgress&)>;

/// Where octets stand: a partition, a whole disk or a stretch of it.
struct Area {
  std::string path;
  std::uint64_t begin = 0, octets = 0;
};

/// An area opened. Reads and writes stay within it. One thread; every failure throws Error.
class OpenArea {
 public:
  enum class For : std::uint8_t {
    reading,
    writing,  ///< alone: refused while anything of the device is mounted
    shared_writing,
  };
  OpenArea(Area area, For use);
  ~OpenArea();
  OpenArea(const OpenArea&) = delete;
  OpenArea& operator=(const OpenArea&) = delete;

  /// Fewer octets than asked for only at the end.
  std::size_t read(std::uint64_t offset, std::span<char> into) const;
  void write(std::uint64_t offset, std::span<const char> from);
  /// Everything written is on the disk, and what is read from now on comes from there.
  void settle();
  std::uint64_t octets() const { return area_.octets; }
  /// As a place that may be longer than the image in it. The area must outlive it.
  ImageOctets as_image() const;

 private:
  Area area_;
  int fd_ = -1;
};

/// A file that others may have chosen the content of: opened without following a link, and only a plain file.
class ImageFile {
 public:
  explicit ImageFile(const std::string& path);
  ~ImageFile();
  ImageFile(const ImageFile&) = delete;
  ImageFile& operator=(const ImageFile&) = delete;
  ImageOctets octets() const;

 private:
  int fd_ = -1;
  std::uint64_t length_ = 0;
};

/// Writes `from` into the area and reads it back. Throws Error when it comes back otherwise.
void copy_checked(std::span<const char> from, OpenArea& to, std::uint64_t offset);

/// Copies a signed image into a slot, reads it back from the disk against the sum that was signed, and only then puts
/// its trailer behind it: a slot whose trailer is right was written to its end. Throws Error with a sentence.
void copy_image(const ImageOctets& from, const ImageJudgement& judged, OpenArea& to, const TellProgress& tell);

}  // namespace sonde
