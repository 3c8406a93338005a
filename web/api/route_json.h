#pragma once

#include "core/base/json.h"
#include "core/measurement/route.h"
#include "web/view.h"

namespace sonde::web {

/// The Route of openapi.json. `labels`: tells who the routers are; null = addresses only. `look_up`: asks for names
/// that are not known yet.
void write_route(JsonWriter& out, const TracedRoute& route, const Node* labels = nullptr, bool look_up = false);

}  // namespace sonde::web
