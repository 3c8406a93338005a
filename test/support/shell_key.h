#pragma once

#include <string>

#include "core/base/base64.h"
#include "core/base/random.h"

namespace sonde::test {

/// The line of a public key of the kind "ssh-ed25519", new at each call. Nobody holds its other half.
inline std::string made_shell_key(const std::string& remark = "somebody@example.org") {
  const std::string kind = "ssh-ed25519";
  std::string raw{0, 0, 0, static_cast<char>(kind.size())};
  raw += kind + std::string{0, 0, 0, 32};
  const auto random = system_random();
  for (int i = 0; i < 32; ++i) raw += static_cast<char>(random->next());
  return kind + " " + to_base64(raw) + (remark.empty() ? "" : " " + remark);
}

}  // namespace sonde::test
