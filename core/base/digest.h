#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace sonde {

/// SHA-256 of what comes piece by piece.
class Digest {
 public:
  Digest();
  ~Digest();
  void add(std::span<const char> piece);
  // One of the two, once, at the end.
  std::array<std::byte, 32> octets();
  std::string hex();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sonde
