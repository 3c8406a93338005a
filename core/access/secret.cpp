#include "core/access/secret.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>

#include "core/base/bytes.h"
#include "core/base/random.h"

namespace sonde {

std::string random_hex(std::size_t octets) {
  Bytes bytes(octets);
  system_random()->fill(bytes);
  return to_hex(bytes);
}

std::string sha256_hex(std::string_view text) {
  std::array<std::byte, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return to_hex(digest);
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sonde
