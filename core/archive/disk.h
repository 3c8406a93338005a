#pragma once

#include <cstdint>
#include <filesystem>

namespace sonde {

/// What the archive asks of the file system beyond SQLite and librrd. All throw Error.

/// Octets that an unprivileged writer still has.
std::uint64_t free_octets(const std::filesystem::path& folder);
/// Octets that files below the folder occupy; what vanishes meanwhile is left out.
std::uint64_t used_octets(const std::filesystem::path& folder);
/// Everything written to the file system of the folder so far is on its disk.
void sync_disk(const std::filesystem::path& folder);
/// Not durable until the file system is synced.
void copy_file_to(const std::filesystem::path& from, const std::filesystem::path& to);
/// `to` is durably a copy of `from`, or what it was before.
void copy_durably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace sonde
