#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace sonde {

/// How much disk there is for the archive. measure() and refusal() are the archive thread's, the rest anyone's.
class Room {
 public:
  struct Options {
    std::filesystem::path directory;
    std::uint64_t limit_octets = 0;  ///< 0 = what was free at the start less 10 %
    std::uint64_t floor_octets = 0;
    std::function<std::uint64_t()> free_octets;  ///< empty = ask the file system
  };
  explicit Room(Options options);

  /// Looks again how much is used; walks through all files.
  void measure();
  /// Looks at the free space; empty if there is room, else why not: "the disk of X is full", ...
  std::string refusal();
  void set_limit(std::uint64_t octets) { limit_ = octets; }

  std::uint64_t used() const { return used_; }
  std::uint64_t free() const { return free_; }
  std::uint64_t limit() const;

 private:
  const Options options_;
  std::atomic<std::uint64_t> limit_, used_{0}, free_{0};
};

}  // namespace sonde
