#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "probes/amp/sid.h"

namespace sonde::amp {

/// The sequence of exponential variates of mean 1 that belongs to a SID (RFC 4656 §5): the same at both ends, to the
/// last bit. Fixed point arithmetic on AES-128 in counter mode.
class ExponentialSequence {
 public:
  explicit ExponentialSequence(const Sid& sid);
  ~ExponentialSequence();
  ExponentialSequence(const ExponentialSequence&) = delete;
  ExponentialSequence& operator=(const ExponentialSequence&) = delete;

  /// The next variate, as 32.32.
  std::uint64_t next();
  /// How many words of the uniform sequence were used so far.
  std::uint32_t words() const { return counter_; }

 private:
  struct Cipher;
  std::uint32_t uniform();
  std::unique_ptr<Cipher> cipher_;
  std::uint32_t counter_ = 0;
  std::array<std::uint32_t, 4> block_{};
};

/// a * b of two 32.32 numbers, cut to 32.32 as the RFC's own code does.
std::uint64_t multiply_fixed(std::uint64_t a, std::uint64_t b);

}  // namespace sonde::amp
