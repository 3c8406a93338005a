#pragma once

#include <span>
#include <string>

#include "core/net/network.h"

namespace sonde {

/// The host of the page's address as a browser takes it. `listens_at`: an address, or "" and the unspecified ones for
/// all of them; then an own IPv4 address, else an IPv6 address that others can reach, else "localhost".
std::string page_host(const std::string& listens_at, std::span<const InterfaceState> interfaces);

}  // namespace sonde
