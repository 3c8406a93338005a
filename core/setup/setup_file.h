#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/setup/answers.h"

namespace sonde {

inline constexpr std::size_t kMostSetupFileOctets = 256 << 10;

/// What an unattended set-up answers. The password is there as its hash only, in the form of core/access/password.
struct SetupFile {
  Answers answers;
  std::string password_hash;
};

struct SetupFileParsed {
  std::optional<SetupFile> file;
  std::string sentence;  ///< why there is none: "sonde-setup.xml line 3, column 12: address4 "192.0.2.0/24": ..."
};

/// Reads sonde-setup.xml, an element a group and an attribute a question (docs/setup-file.md), and checks everything:
/// each answer, whether all that must be answered is, and every rule of the configuration that comes of it. `name` is
/// what the sentence calls the file. Never throws. Refuses a DOCTYPE, more than 256 KiB, what is not UTF-8, and every
/// element and attribute that it does not know.
SetupFileParsed parse_setup_file(std::string_view text, std::string_view name, const SetupFacts& facts);

/// The file that gives these answers. What is empty is left out.
std::string write_setup_file(const SetupFile& file);

}  // namespace sonde
