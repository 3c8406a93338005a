#pragma once

#include <filesystem>
#include <string>

#include "core/setup/setup_file.h"

namespace sonde {

/// Asks for a password and prints its hash, for a set-up file.
int hash_password();
/// Checks a set-up file against this host and, unless `only_check`, has the node of this data folder set up by it.
int set_up_by_file(const std::filesystem::path& data, const std::filesystem::path& file, bool only_check);

/// Brings what is at an address into a file, at most as much as a set-up file may hold.
int fetch_setup_file(const std::string& address, const std::filesystem::path& into);

/// Whether the node of this data folder is set up. Throws Error when none answers.
bool node_is_set_up(const std::filesystem::path& data);
/// Has the node of this data folder set up by what a file said. Throws Error with its sentence when it refuses.
void set_up_node(const std::filesystem::path& data, const SetupFile& file);

}  // namespace sonde
