#include "appliance/staged_image.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/host/disk_layout.h"
#include "core/host/disks.h"
#include "core/host/host_reading.h"

namespace sonde {
namespace {

constexpr std::uint64_t kReserve = 64 << 20;
constexpr std::size_t kPiece = 256 << 10;

/// A slot's size: nothing larger can be an upgrade.
std::uint64_t most_octets() { return disk_layout(kLeastDisk)->a.octets; }

std::string megabytes(std::uint64_t octets) { return std::to_string((octets + 999'999) / 1'000'000) + " MB"; }

std::uint64_t free_of(const std::string& folder) {
  struct statvfs facts {};
  if (::statvfs(folder.c_str(), &facts) != 0) return 0;
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

/// "MemAvailable:   123456 kB"
std::uint64_t memory_available() {
  const auto words = words_of(read_start("/proc/meminfo", 8192).value_or(""));
  const auto at = std::ranges::find(words, "MemAvailable:");
  return at == words.end() || at + 1 == words.end() ? 0 : std::strtoull((at + 1)->c_str(), nullptr, 10) * 1024;
}

std::uint64_t beyond_reserve(std::uint64_t octets) { return octets > kReserve ? octets - kReserve : 0; }

}  // namespace

std::uint64_t staging_room(const std::string& folder, bool in_memory) {
  std::uint64_t room = free_of(folder);
  if (!in_memory) return beyond_reserve(room);
  room = std::min(room, memory_available());
  // Compressed memory shows more than it takes; an image does not compress. mm_stat: ..., used, limit, ...
  const auto words = words_of(read_start("/sys/block/zram0/mm_stat", 256).value_or(""));
  if (words.size() >= 4) {
    const std::uint64_t used = std::strtoull(words[2].c_str(), nullptr, 10),
                        limit = std::strtoull(words[3].c_str(), nullptr, 10);
    if (limit > 0) room = std::min(room, limit > used ? limit - used : 0);
  }
  return beyond_reserve(room);
}

/// The file while it comes; never followed through a link.
class StagedImage::File {
 public:
  explicit File(const std::string& path) {
    ::unlink(path.c_str());
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd_ < 0) throw Error("write", path, errno);
  }
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  void write(std::span<const char> piece) {
    while (!piece.empty()) {
      const ssize_t n = ::write(fd_, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) throw Error("write", "the image to the data", errno);
      piece = piece.subspan(static_cast<std::size_t>(n));
    }
  }

 private:
  int fd_ = -1;
};

StagedImage::StagedImage(Parts parts) : parts_(std::move(parts)) {}
StagedImage::~StagedImage() { stop(); }

void StagedImage::stop() {
  const std::lock_guard lock(fetch_mutex_);
  fetch_.request_stop();
  if (fetch_.joinable()) fetch_.join();
}

MachineImage StagedImage::view() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

std::optional<Problem> StagedImage::begin(const std::string& from, std::uint64_t octets, std::size_t& turn) {
  if (octets > most_octets())
    return Problem{413, "",
                   "The file has " + megabytes(octets) + "; an image has at most " + megabytes(most_octets()) + "."};
  if (const std::uint64_t room = parts_.room(); octets > room)
    return Problem{409, "",
                   "The image has " + megabytes(octets) + ", and where it must wait there is room for " +
                       megabytes(room) + " only. Delete what is not needed, or keep data on a larger drive."};
  const std::lock_guard lock(mutex_);
  if (now_.state == MachineImage::State::receiving)
    return Problem{409, "", "Another image is coming at the moment: wait for its end, or stop it."};
  ::unlink(parts_.places.staged.c_str());
  now_ = {.state = MachineImage::State::receiving, .from = from, .all = octets};
  turn = ++turn_;
  return std::nullopt;
}

bool StagedImage::grow(std::size_t turn, std::uint64_t octets) {
  const std::lock_guard lock(mutex_);
  if (turn != turn_) return false;
  now_.done += octets;
  return true;
}

std::optional<Problem> StagedImage::give_up(std::size_t turn, int status, const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  if (turn != turn_) return Problem{409, "", "The image was not taken: it was stopped."};
  ::unlink(part().c_str());
  now_ = {.state = MachineImage::State::failed, .from = now_.from, .sentence = sentence};
  parts_.log.warning("the image of an upgrade was not taken", {{"from", now_.from}, {"why", sentence}});
  return Problem{status, "", sentence};
}

std::optional<Problem> StagedImage::finish(std::size_t turn, bool older) {
  ImageJudgement judged, follows;
  std::string here;
  try {
    const ImageTrust trust = read_trust(parts_.places);
    here = trust.identity.version;
    const ImageFile file(part());
    judged = read_image(file.octets(), trust.keys);
    if (judged.fault == ImageFault::none)
      follows = judge_upgrade(*judged.manifest, trust.identity, most_octets(), older);
  } catch (const Error& error) {
    return give_up(turn, 422, error.what());
  }
  if (judged.fault != ImageFault::none) return give_up(turn, 422, judged.sentence + " Nothing was changed.");
  if (follows.fault == ImageFault::older)
    return give_up(turn, 422,
                   follows.sentence +
                       " Where the other slot holds it, use “go back”; else say that it may be older, and give your "
                       "password.");
  if (follows.fault != ImageFault::none) return give_up(turn, 422, follows.sentence + " Nothing was changed.");
  const std::lock_guard lock(mutex_);
  if (turn != turn_) return Problem{409, "", "The image was not taken: it was stopped."};
  std::error_code failed;
  std::filesystem::rename(part(), parts_.places.staged, failed);
  if (failed) {
    now_ = {.state = MachineImage::State::failed, .from = now_.from, .sentence = "The image cannot be kept."};
    return Problem{503, "", now_.sentence};
  }
  now_.state = MachineImage::State::ready;
  now_.version = judged.manifest->version;
  const auto order = compare_versions(now_.version, here);
  now_.older = !order || *order < 0;
  now_.sentence = "Version " + now_.version + " is here, and its signature is right.";
  return std::nullopt;
}

std::optional<Problem> StagedImage::take(const Machine::Reader& read, std::uint64_t octets, bool older) {
  std::size_t turn = 0;
  if (auto refused = begin("upload", octets, turn)) return refused;
  try {
    File file(part());
    std::vector<char> piece(kPiece);
    for (std::uint64_t left = octets; left > 0;) {
      const auto got = read(std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, left))));
      if (!got || *got == 0) return give_up(turn, 400, "The upload broke off; nothing was changed.");
      if (!grow(turn, *got)) return give_up(turn, 409, "");
      file.write(std::span<const char>(piece).first(*got));
      left -= *got;
    }
  } catch (const Error& error) {
    return give_up(turn, 503, error.what());
  }
  return finish(turn, older);
}

std::optional<Problem> StagedImage::fetch(const std::string& url, bool older) {
  const std::lock_guard lock(fetch_mutex_);
  std::size_t turn = 0;
  // What follows a question mark may be a secret of that server.
  if (auto refused = begin(url.substr(0, url.find('?')), 0, turn)) return refused;
  // The one of before has ended, or was dropped and ends now.
  fetch_ = std::jthread([this, url, older, turn](const std::stop_token& stop) { run_fetch(url, older, turn, stop); });
  return std::nullopt;
}

void StagedImage::run_fetch(const std::string& url, bool older, std::size_t turn, const std::stop_token& stop) {
  try {
    web::FetchRules rules = parts_.rules();
    rules.most = std::min(most_octets(), parts_.room());
    {
      File file(part());
      const auto begins = [&](std::uint64_t all) {
        const std::lock_guard lock(mutex_);
        if (turn == turn_) now_.all = all;
      };
      const auto sink = [&](std::span<const char> piece) {
        if (!grow(turn, piece.size())) throw Error("It was stopped.");
        file.write(piece);
      };
      web::fetch(url, rules, begins, sink, stop);
    }
    finish(turn, older);
  } catch (const Error& error) {
    give_up(turn, 422, error.what() + std::string(" Nothing was changed."));
  }
}

void StagedImage::drop(const std::string& failed) {
  {
    const std::lock_guard lock(mutex_);
    ++turn_;
    const std::string from = now_.from;
    now_ = {};
    if (!failed.empty()) now_ = {.state = MachineImage::State::failed, .from = from, .sentence = failed};
    ::unlink(part().c_str());
    ::unlink(parts_.places.staged.c_str());
  }
  const std::lock_guard lock(fetch_mutex_);
  fetch_.request_stop();
}

}  // namespace sonde
