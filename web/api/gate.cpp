#include "web/api/gate.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/access/secret.h"
#include "web/api/api.h"
#include "web/api/reply.h"

namespace sonde::web {
namespace {

bool changes(std::string_view method) { return method != "GET" && method != "HEAD"; }

std::string own_host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// The first part of the path names the resource: what a token's scope lists.
std::string_view resource_of(std::string_view pattern) {
  pattern.remove_prefix(1);
  return pattern.substr(0, pattern.find('/'));
}

bool is_json(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return same_text(type, "application/json");
}

bool origin_is_host(const HttpRequest& request) {
  const std::string scheme = request.is_tls ? "https://" : "http://";
  return same_text(request.header("Origin"), scheme + std::string(request.host()));
}

/// Fills call.who from what the request shows; a refusal when a token is shown that is not good.
std::optional<HttpResponse> identify(Call& call, const Route& route) {
  const HttpRequest& request = call.request;
  if (request.is_local_socket) {
    call.who = Identity{.user = "command line", .role = Role::administrator};
    return std::nullopt;
  }
  const std::string_view authorization = request.header("Authorization");
  if (!authorization.empty()) {
    const bool bearer = authorization.size() > 7 && same_text(authorization.substr(0, 7), "Bearer ");
    if (bearer) call.who = call.access().by_token(authorization.substr(7));
    if (!call.who) return problem(401, "", "The token is not known here or has expired.");
    const auto& scope = call.who->scope;
    if (!scope.empty() && std::ranges::find(scope, resource_of(route.pattern)) == scope.end())
      return problem(403, "", "This token is not for " + std::string(resource_of(route.pattern)) + ".");
    return std::nullopt;
  }
  call.who = call.access().by_session(session_cookie(request, *call.now));
  return std::nullopt;
}

/// The least role that does; only of what needs somebody logged in.
Role least_role(Needs needs) {
  if (needs == Needs::administrator) return Role::administrator;
  return needs == Needs::operator_ ? Role::operator_ : Role::viewer;
}

std::optional<HttpResponse> check_role(const Call& call, Needs needs) {
  if (needs == Needs::anybody) return std::nullopt;
  const bool local_reader = !call.set_up && call.request.is_loopback() && least_role(needs) == Role::viewer;
  if (local_reader || (needs == Needs::reading && call.now->config->settings.public_reading)) return std::nullopt;
  if (!call.set_up && !call.who)
    return problem(403, "", "This node is not set up yet: open its page with the code that its console shows.");
  if (!call.who) return problem(401, "", "Log in first, or send a token.");
  const Role least = least_role(needs);
  if (call.who->role >= least) return std::nullopt;
  const std::string is =
      (call.who->is_token ? "this token is of " : "you are logged in as ") + with_article(call.who->role);
  if (least == Role::operator_)
    return problem(403, "", "Only an operator or an administrator may do this; " + is + ".");
  return problem(403, "", "Only an administrator may do this; " + is + ".");
}

/// Before set-up other hosts see health and set-up, nothing else. The set-up page asks who it is first: it learns that
/// there is no session and that the node is not set up, which health says too.
std::optional<HttpResponse> check_set_up(const Call& call, const Route& route) {
  if (call.set_up || call.request.is_loopback()) return std::nullopt;
  if (route.pattern == "/health" || route.pattern == "/setup" || route.pattern == "/setup/check") return std::nullopt;
  if (route.pattern == "/session" && route.method == "GET") return std::nullopt;
  return problem(403, "", "This node is not set up yet: open its page with the code that its console shows.");
}

/// What keeps other sites from using a browser's session or log-in.
std::optional<HttpResponse> check_change(const Call& call, const Route& route) {
  const HttpRequest& request = call.request;
  if (!changes(request.method) || request.is_local_socket) return std::nullopt;
  const bool by_browser_session = call.who && !call.who->is_token;
  if ((by_browser_session || request.has_header("Origin")) && !origin_is_host(request))
    return problem(403, "Origin", "The change does not come from this node's own page.");
  if (by_browser_session && !same_secret(request.header("Sonde-CSRF"), call.who->csrf))
    return problem(403, "Sonde-CSRF", "The header Sonde-CSRF is missing or old; load the page again.");
  if (route.body == Route::Body::upload) {
    if (same_text(request.header("Content-Type"), "application/octet-stream")) return std::nullopt;
    return problem(415, "Content-Type", "Allowed here is application/octet-stream.");
  }
  const bool needs_type = route.body == Route::Body::json || (by_browser_session && request.method != "DELETE");
  if (needs_type && !is_json(request.header("Content-Type")))
    return problem(415, "Content-Type", "Allowed is application/json.");
  return std::nullopt;
}

}  // namespace

bool is_set_up(const Snapshot& now, const Access& access) { return now.config->set_up || access.has_users(); }

std::string cookie_name(const Snapshot& now) { return "__Host-sonde-" + now.config->site.node_id.substr(0, 8); }

std::string session_cookie(const HttpRequest& request, const Snapshot& now) {
  if (request.has_header("Authorization")) return {};
  const std::string wanted = cookie_name(now) + "=";
  for (const auto& [name, value] : request.headers) {
    if (!same_text(name, "Cookie")) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto end = rest.find(';');
      auto part = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      while (part.starts_with(' ')) part.remove_prefix(1);
      if (part.starts_with(wanted)) return std::string(part.substr(wanted.size()));
    }
  }
  return {};
}

std::string set_cookie(const Snapshot& now, const std::string& session) {
  return cookie_name(now) + "=" + session + "; Secure; HttpOnly; SameSite=Strict; Path=/" +
         (session.empty() ? "; Max-Age=0" : "");
}

std::optional<HttpResponse> check_host_header(const HttpRequest& request, const Snapshot& now) {
  if (request.is_local_socket) return std::nullopt;
  std::vector<std::string> names = now.config->settings.web_names;
  names.push_back(now.config->site.name);
  names.push_back(own_host_name());
  std::erase(names, "");
  if (host_is_known(request.host(), names)) return std::nullopt;
  return problem(
      421, "Host",
      "This node does not know itself by the name in the address. Use its address, or add the name in its settings.");
}

std::optional<HttpResponse> check_access(Call& call, const Route& route) {
  if (auto refusal = check_host_header(call.request, *call.now)) return refusal;
  if (auto refusal = check_set_up(call, route)) return refusal;
  if (auto refusal = identify(call, route)) return refusal;
  if (auto refusal = check_role(call, route.needs)) return refusal;
  return check_change(call, route);
}

}  // namespace sonde::web
