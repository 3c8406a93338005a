#pragma once

#include <filesystem>

namespace sonde {

/// Asks for a password and prints its hash, for a set-up file.
int hash_password();
/// Checks a set-up file against this host and, unless `only_check`, has the node of this data folder set up by it.
int set_up_by_file(const std::filesystem::path& data, const std::filesystem::path& file, bool only_check);

}  // namespace sonde
