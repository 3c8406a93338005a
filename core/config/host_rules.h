#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/config/host_settings.h"
#include "core/config/test_rules.h"

namespace sonde {

inline constexpr const char* kZoneFolder = "/usr/share/zoneinfo";

/// Every rule of these. `field` is "name", "measuring.address4", "managing.mtu", "name_servers", "shell_keys.2".
std::optional<FieldProblem> check_host_settings(const HostSettings& settings, const std::string& zones = kZoneFolder);

// Rules of single words, as in text_rules.h.

/// The name of this host: at most 64 characters, no underscore, no dot at its end. Empty is allowed.
std::string check_own_name(std::string_view field, std::string_view text);
/// A file of `zones`; where there is no such folder, anything that could be one.
std::string check_zone(std::string_view field, std::string_view text, const std::string& zones = kZoneFolder);
/// One line of an authorized_keys file without options: "ssh-ed25519 AAAA... somebody".
std::string check_shell_key(std::string_view field, std::string_view text);

}  // namespace sonde
