#pragma once

#include <openssl/evp.h>

#include <string>

#include "core/base/random.h"

namespace sonde::test {

/// The line of a public key of the kind "ssh-ed25519", new at each call. Nobody holds its other half.
inline std::string made_shell_key(const std::string& remark = "somebody@example.org") {
  const std::string kind = "ssh-ed25519";
  std::string raw{0, 0, 0, static_cast<char>(kind.size())};
  raw += kind + std::string{0, 0, 0, 32};
  const auto random = system_random();
  for (int i = 0; i < 32; ++i) raw += static_cast<char>(random->next());
  std::string base64((raw.size() + 2) / 3 * 4 + 1, '\0');
  base64.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                                         reinterpret_cast<const unsigned char*>(raw.data()),
                                                         static_cast<int>(raw.size()))));
  return kind + " " + base64 + (remark.empty() ? "" : " " + remark);
}

}  // namespace sonde::test
