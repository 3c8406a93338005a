#pragma once

#include <optional>

#include "core/archive/coding.h"
#include "core/measurement/route.h"

namespace sonde {

// A route as it is stored, within a Result's body and with the event that tells of a change (README.md, "Routes").

void put_address(CodingWriter& out, const IpAddress& address);
IpAddress get_address(CodingReader& in);

void put_route(CodingWriter& out, const TracedRoute& route);
/// Empty for anything that put_route cannot have written.
std::optional<TracedRoute> get_route(CodingReader& in);

Bytes encode_route_change(const RouteChange& change);
std::optional<RouteChange> decode_route_change(std::span<const std::byte> body);

}  // namespace sonde
