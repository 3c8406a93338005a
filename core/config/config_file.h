#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/config/config.h"
#include "core/config/rules.h"

namespace sonde {

inline constexpr std::size_t kMostConfigOctets = 4 << 20;

struct ConfigParsed {
  std::optional<Config> config;
  std::string sentence;  ///< why there is none: "sonde.xml line 12, column 7: period "0 s": allowed is ..."
  bool later = false;    ///< a later Sonde wrote it: nothing is wrong with it
};

/// Reads and checks every rule. `name` is what the sentence calls the file. Never throws. Refuses a DOCTYPE, more than
/// 4 MiB, more than 64 levels, what is not UTF-8, unknown or doubled attributes of known elements. Elements it does
/// not know are passed over.
ConfigParsed parse_config(std::string_view text, std::string_view name, Probes probes);

/// The file's new text. `before` is the present one (empty = none), whose comments and unknown elements stay. Throws
/// Error when `before` cannot be parsed or the outcome would not read back as `config`.
std::string write_config(const Config& config, std::string_view before, Probes probes);

}  // namespace sonde
