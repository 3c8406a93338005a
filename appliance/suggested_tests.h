#pragma once

#include <string_view>
#include <vector>

#include "web/view.h"

namespace sonde {

/// What the first-run page offers to start: a ping to the router that this host's traffic leaves by and to each name
/// server it asks, five at most. Reads the kernel's routes and /etc/resolv.conf; sends nothing.
std::vector<FirstTest> suggested_tests();

/// The IPv4 router of the default route in /proc/net/route, or empty.
std::optional<IpAddress> default_router(std::string_view routes);
/// The addresses after "nameserver" in resolv.conf, without loopback (a stub on this host says nothing of the network).
std::vector<IpAddress> name_servers(std::string_view resolv_conf);

}  // namespace sonde
