#pragma once

#include <filesystem>

namespace sonde {

/// Looks at an archive that came from elsewhere, before anything trusts it: the database is whole, has our tables and
/// nothing else, and each series file is one of its catalogue, has the size that its head says and can be read. Throws
/// Error with a sentence. Changes none of it.
void check_archive(const std::filesystem::path& folder);

}  // namespace sonde
