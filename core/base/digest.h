#pragma once

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
  std::string hex();  ///< once, at the end

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sonde
