#pragma once

#include <functional>
#include <string>

#include "core/measurement/route.h"

namespace sonde {

/// A route for a terminal, one line a hop: " 4  192.0.2.9 (r9.example.org)  1.2 ms  1.3 ms  *". `name` may answer with
/// an empty text. Ends with a line feed.
std::string route_lines(const TracedRoute& route, const std::function<std::string(const IpAddress&)>& name);
/// What an answer that is not "time exceeded" means: "!H", "!X"; empty for what is usual.
std::string mark_of(const TracedRoute& route, const RouteAnswer& answer);

}  // namespace sonde
