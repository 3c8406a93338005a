#include "core/base/digest.h"

#include <openssl/evp.h>

#include "core/base/bytes.h"
#include "core/base/error.h"

namespace sonde {

struct Digest::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Impl() { EVP_MD_CTX_free(context); }
};

Digest::Digest() : impl_(std::make_unique<Impl>()) {
  if (EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr) != 1) throw Error("SHA-256 is not to be had.");
}
Digest::~Digest() = default;

void Digest::add(std::span<const char> piece) { EVP_DigestUpdate(impl_->context, piece.data(), piece.size()); }

std::array<std::byte, 32> Digest::octets() {
  std::array<std::byte, 32> sum{};
  EVP_DigestFinal_ex(impl_->context, reinterpret_cast<unsigned char*>(sum.data()), nullptr);
  return sum;
}

std::string Digest::hex() { return to_hex(octets()); }

}  // namespace sonde
