#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace sonde {

inline constexpr std::uint16_t kShellPort = 22;

/// The authorized_keys file of the appliance's remote shell, as dropbear reads it; empty = no remote shell. Each key is
/// a line without options ("ssh-ed25519 AAAA... somebody"); nobody who has one may forward anything.
std::string authorized_keys_text(std::span<const std::string> keys);

/// Whether a key of `before` is not in `now` any more: whoever came in with it must go. Both texts are as above.
bool lost_a_key(const std::string& before, const std::string& now);

/// What people compare of a public key's line, as ssh-keygen -l shows it: "SHA256:..."; empty = that is no key.
std::string key_fingerprint(const std::string& key);

/// Of what dropbearkey says of a key: "SHA256:..."; empty = it names none.
std::string shell_fingerprint(const std::string& said);

}  // namespace sonde
