#pragma once

#include <optional>
#include <string>

#include "web/api/router.h"

namespace sonde::web {

/// True once somebody has finished the first-run page: not even a broken configuration file opens set-up again.
bool is_set_up(const Snapshot& now, const Access& access);
/// "__Host-sonde-" and the first eight characters of the node's id.
std::string cookie_name(const Snapshot& now);
/// The session id in the request's cookies; empty when there is none. Always empty beside a bearer token.
std::string session_cookie(const HttpRequest& request, const Snapshot& now);
std::string set_cookie(const Snapshot& now, const std::string& session);  ///< empty session: forget it

/// Host header: an IP literal, localhost, this node's or a configured name, else 421. For pages too.
std::optional<HttpResponse> check_host_header(const HttpRequest& request, const Snapshot& now);

/// Finds out who asks and whether they may. Fills `call.who`. Empty = go on. Looks at the head only.
std::optional<HttpResponse> check_access(Call& call, const Route& route);

}  // namespace sonde::web
