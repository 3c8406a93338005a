#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace sonde {

/// Source of randomness. Each owner has its own; not thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;
  std::uint64_t next();
  /// Evenly from [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Evenly from [0, 1).
  double unit();
};

/// The kernel's getrandom: fit for keys, identifiers and tokens.
std::unique_ptr<Random> system_random();
/// The same bytes for the same seed: for tests and simulated worlds only.
std::unique_ptr<Random> seeded_random(std::uint64_t seed);

}  // namespace sonde
