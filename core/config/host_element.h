#pragma once

#include <cstddef>
#include <string_view>

#include "core/config/host_settings.h"

namespace pugi {
class xml_node;
}  // namespace pugi

// Private to config_file.cpp: <host>, what the machine underneath should be.
namespace sonde {

/// Throws XmlRefused. `text` is the whole file.
HostSettings read_host(std::string_view text, const pugi::xml_node& node);
/// Where `field`, as check_host_settings() names it, stands below `node`.
std::size_t host_offset(std::string_view text, const pugi::xml_node& node, std::string_view field);
/// Changes `node` to say what `settings` do; comments and unknown elements stay.
void write_host(pugi::xml_node& node, const HostSettings& settings);

}  // namespace sonde
