#include "core/base/base64.h"

#include <openssl/evp.h>

namespace sonde {

std::string to_base64(std::span<const char> octets) {
  std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(n));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  // The decoder passes over blanks at both ends.
  if (text.size() % 4 != 0 || text.find_first_of(" \t\r\n") != std::string_view::npos) return std::nullopt;
  std::string octets(text.size() / 4 * 3, '\0');
  const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                                reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (n < 0) return std::nullopt;
  // It counts what stands for padding, too.
  octets.resize(octets.size() - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));
  return octets;
}

}  // namespace sonde
