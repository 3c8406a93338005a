#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sonde {

/// The whole file; empty when there is none. Throws Error when it cannot be read or is larger than `most` bytes.
std::optional<std::string> read_file(const std::string& path, std::size_t most);

/// Either the old or the new content is there after a crash, never a part: temporary file beside it, fsync, rename,
/// fsync of the folder. Throws Error, and leaves the old content, when any step fails.
void write_file_atomically(const std::string& path, std::string_view content, mode_t mode);

/// Makes the folder, and those above it, where missing. Throws Error.
void make_folder(const std::string& path, mode_t mode);

}  // namespace sonde
