#include "core/base/random.h"

#include <sys/random.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <random>

#include "core/base/error.h"

namespace sonde {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    while (!out.empty()) {
      const ssize_t got = getrandom(out.data(), out.size(), 0);
      if (got < 0) {
        if (errno == EINTR) continue;
        throw Error("read", "the kernel's random numbers", errno);
      }
      out = out.subspan(static_cast<std::size_t>(got));
    }
  }
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::byte> out) override {
    while (!out.empty()) {
      const std::uint64_t word = engine_();
      const std::size_t n = std::min(out.size(), sizeof word);
      std::memcpy(out.data(), &word, n);
      out = out.subspan(n);
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace

std::uint64_t Random::next() {
  std::uint64_t word = 0;
  fill(std::as_writable_bytes(std::span(&word, 1)));
  return word;
}

std::uint64_t Random::below(std::uint64_t bound) {
  assert(bound > 0);
  // Rejecting the incomplete last stretch keeps every value equally likely.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t word = next();
  while (word >= limit) word = next();
  return word % bound;
}

double Random::unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::unique_ptr<Random> system_random() { return std::make_unique<SystemRandom>(); }
std::unique_ptr<Random> seeded_random(std::uint64_t seed) { return std::make_unique<SeededRandom>(seed); }

}  // namespace sonde
