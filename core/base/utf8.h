#pragma once

#include <cstddef>
#include <string_view>

namespace sonde {

/// How many bytes at the front of `text` are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates);
/// text.size() when all of it is.
std::size_t valid_utf8_prefix(std::string_view text);
inline bool is_valid_utf8(std::string_view text) { return valid_utf8_prefix(text) == text.size(); }
/// Characters, not bytes, in well-formed text.
std::size_t count_characters(std::string_view text);

}  // namespace sonde
