#pragma once

#include <optional>
#include <string>

namespace sonde {

/// A new password: on a terminal asked for twice without showing it, else one line of standard input. Empty = the two
/// differ, and standard error says so.
std::optional<std::string> ask_new_password(const std::string& prompt);

}  // namespace sonde
