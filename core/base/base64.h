#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sonde {

// RFC 4648 §4, with its padding and without breaks.

std::string to_base64(std::span<const char> octets);
/// nullopt = that is none; the empty text is empty.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace sonde
