#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace sonde {

/// What a backup is made of: README.md has the format. Names stand in a fixed list; nothing else is ever written.
inline constexpr int kBackupFormat = 1;
inline constexpr std::string_view kDescriptionName = "backup.json";  ///< the first member
inline constexpr std::string_view kSumsName = "SHA256SUMS";          ///< the last one
inline constexpr std::string_view kConfigName = "sonde.xml";
inline constexpr std::string_view kAsTableName = "as.csv";
inline constexpr std::string_view kJournalName = "archive/journal.db";

/// What the file says about itself.
struct BackupDescription {
  std::string version;  ///< of the Sonde that made it
  UtcTime made{};
  std::string node_id, node_name;
  std::uint64_t octets = 0;  ///< of all members but the description and the sums, unpacked
  std::uint64_t files = 0;   ///< how many those are
};
std::string write_description(const BackupDescription& description);
/// Throws Error with a sentence: not ours, a newer format, a newer Sonde than `own_version`.
BackupDescription read_description(std::string_view text, std::string_view own_version);

/// "archive/series/7/107-1-steps.rrd": the folder is the first number modulo 100.
bool is_series_name(std::string_view name);
/// Octets that a member of this name may have at most; 0 = there is no such member.
std::uint64_t most_octets(std::string_view name);

/// As sha256sum writes it: "HEX  NAME" a line, sorted by name.
using Sums = std::map<std::string, std::string, std::less<>>;
std::string write_sums(const Sums& sums);
/// Empty when it is not valid.
std::optional<Sums> read_sums(std::string_view text);

}  // namespace sonde
