#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sonde {

/// `octets` random bytes from the kernel in lower-case hexadecimal.
std::string random_hex(std::size_t octets);
/// SHA-256 in lower-case hexadecimal: enough for secrets that are random themselves, never for passwords.
std::string sha256_hex(std::string_view text);
/// Takes as long for the first wrong byte as for the last.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace sonde
