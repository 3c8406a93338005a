#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace sonde {

// Rules for words that people type, shared by file, forms and command line. Each gives an empty text when `text` is
// allowed, else a sentence that names field, value and what is allowed.

/// One line for people: UTF-8, no control characters, no blank at either end; at most `most` characters.
std::string check_line(std::string_view field, std::string_view text, std::size_t most);
/// An IP literal, or a host name of RFC 1123 (letters of A to Z, digits, hyphens, dots; underscores as in DNS).
std::string check_host(std::string_view field, std::string_view text);
/// A host name only.
std::string check_host_name(std::string_view field, std::string_view text);
/// Ids that also name files: 1 to 32 of a-z, 0-9, hyphen, beginning with a letter or digit.
std::string check_id(std::string_view field, std::string_view text);
/// Empty, or one word with an @ between two parts.
std::string check_mail(std::string_view field, std::string_view text);

/// What stands between commas and line breaks, without the blanks around it; empty parts are none.
std::vector<std::string> split_list(std::string_view text);

/// "FIELD "VALUE": allowed is ALLOWED." with a long value cut, control characters made visible, and of
/// "schedule.period" the last part.
std::string refusal(std::string_view field, std::string_view value, std::string_view allowed);

/// A duration that parse_duration reads back exactly: "90 s", "5 min", "250 µs".
std::string exact_duration(Duration duration);

}  // namespace sonde
