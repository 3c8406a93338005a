#pragma once

#include <string_view>

#include "core/base/log.h"
#include "web/http.h"

struct mg_connection;

namespace sonde::web {

// How a response leaves, on the thread of its connection.

bool write_all(mg_connection* connection, std::string_view text);
/// Sends the whole response and says its status. Without `keep` nothing follows it. `log` hears of a produced body that
/// broke off.
int respond(mg_connection* connection, const HttpResponse& response, bool keep, bool head_only, const Log& log);
constexpr int kLingerMs = 5'000;  // for a client that is still sending what nobody wants
/// For requests whose body stays unread: tells why, then lets the client finish so that it gets to read it.
int refuse(mg_connection* connection, const HttpResponse& response, int linger_ms = kLingerMs);

}  // namespace sonde::web
