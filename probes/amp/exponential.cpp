#include "probes/amp/exponential.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cassert>

#include "core/base/bytes.h"
#include "core/base/error.h"

namespace sonde::amp {
namespace {

/// Q[k] = sum of (ln 2)^i / i! for i = 1..k, as 0.32 (Knuth, volume 2, §3.4.1, algorithm S).
constexpr std::uint32_t kQ[] = {0,          0xB17217F8, 0xEEF193F7, 0xFD271862, 0xFF9D6DD0, 0xFFF4CFD0,
                                0xFFFEE819, 0xFFFFE7FF, 0xFFFFFE2B, 0xFFFFFFE0, 0xFFFFFFFE, 0xFFFFFFFF};

}  // namespace

struct ExponentialSequence::Cipher {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  ~Cipher() { EVP_CIPHER_CTX_free(context); }
};

ExponentialSequence::ExponentialSequence(const Sid& sid) : cipher_(std::make_unique<Cipher>()) {
  const auto* key = reinterpret_cast<const unsigned char*>(sid.data());
  if (cipher_->context == nullptr ||
      EVP_EncryptInit_ex(cipher_->context, EVP_aes_128_ecb(), nullptr, key, nullptr) != 1)
    throw Error("OpenSSL offers no AES-128, so no test schedule can be made.");
  EVP_CIPHER_CTX_set_padding(cipher_->context, 0);
}

ExponentialSequence::~ExponentialSequence() = default;

std::uint32_t ExponentialSequence::uniform() {
  if (counter_ % 4 == 0) {
    const Bytes plain = ByteWriter{}.zeros(12).u32(counter_).take();
    std::array<std::byte, 16> secret{};
    int length = 0;
    EVP_EncryptUpdate(cipher_->context, reinterpret_cast<unsigned char*>(secret.data()), &length,
                      reinterpret_cast<const unsigned char*>(plain.data()), 16);
    assert(length == 16);
    ByteReader in(secret);
    for (auto& word : block_) word = in.u32();
  }
  return block_[counter_++ % 4];
}

std::uint64_t ExponentialSequence::next() {
  std::uint32_t u = uniform();
  std::uint64_t ones = 0;
  for (; (u & 0x80000000U) != 0 && ones < 32; ++ones) u <<= 1;
  u <<= 1;
  if (u < kQ[1]) return ones * kQ[1] + u;
  int k = 2;
  while (k < 11 && u >= kQ[k]) ++k;
  std::uint32_t least = UINT32_MAX;
  for (int i = 0; i < k; ++i) least = std::min(least, uniform());
  return multiply_fixed((ones << 32) + least, kQ[1]);
}

std::uint64_t multiply_fixed(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t a_high = a >> 32, a_low = a & UINT32_MAX, b_high = b >> 32, b_low = b & UINT32_MAX;
  return (a_high * b_high << 32) + a_high * b_low + a_low * b_high + (a_low * b_low >> 32);
}

}  // namespace sonde::amp
