#include "web/api/router.h"

#include <algorithm>
#include <charconv>

#include "web/api/api.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

/// Fills `found` with what stands at "{name}". Both begin with '/'.
bool fits(std::string_view pattern, std::string_view path, std::map<std::string, std::string, std::less<>>& found) {
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const auto wanted = take_segment(pattern), given = take_segment(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return false;
      found[std::string(wanted.substr(1, wanted.size() - 2))] = given;
    } else if (wanted != given) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

std::vector<Route> collect() {
  std::vector<Route> all;
  for (const auto part :
       {health_routes(),   setup_routes(),        session_routes(),  peer_routes(),         test_routes(),
        timeline_routes(), catalogue_routes(),    run_routes(),      result_routes(),       series_routes(),
        path_routes(),     pause_window_routes(), event_routes(),    node_routes(),         certificate_routes(),
        user_routes(),     token_routes(),        settings_routes(), limit_routes(),        stream_routes(),
        trace_routes(),    backup_routes(),       check_routes(),    setup_answer_routes(), machine_routes()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

Node& Call::node() const { return parts.node; }
Access& Call::access() const { return parts.access; }

std::span<const Route> routes() {
  static const std::vector<Route> kAll = collect();
  return kAll;
}

Match find_route(std::string_view method, std::string_view path) {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Match match;
  bool literal = false;  // "/tests/cost" goes before "/tests/{id}"
  for (const Route& route : routes()) {
    std::map<std::string, std::string, std::less<>> found;
    if (!fits(route.pattern, path, found)) continue;
    if (!literal && found.empty()) {
      literal = true;
      match = {};
    }
    if (literal && !found.empty()) continue;
    match.methods.emplace_back(route.method);
    if (route.method != wanted) continue;
    match.route = &route;
    match.path = std::move(found);
  }
  return match;
}

std::optional<HttpResponse> refusal_of(std::future<std::optional<Problem>> outcome) {
  if (outcome.wait_for(std::chrono::seconds(12)) != std::future_status::ready)
    return problem(503, "", "The node did not finish this in time; look whether it was done before trying again.");
  if (const auto refused = outcome.get()) return problem(*refused);
  return std::nullopt;
}

Precondition if_match(const HttpRequest& request) {
  const std::string_view text = request.header("If-Match");
  if (text.empty())
    return {{}, problem(428, "If-Match", "If-Match is missing: send the ETag of what the change is based on.")};
  std::uint64_t revision = 0;
  const bool quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
  const auto inner = quoted ? text.substr(1, text.size() - 2) : std::string_view{};
  const auto [end, error] = std::from_chars(inner.data(), inner.data() + inner.size(), revision);
  if (!quoted || error != std::errc{} || end != inner.data() + inner.size())
    return {{}, problem(412, "If-Match", "If-Match is not an ETag that this node gave; read it again first.")};
  return {revision, {}};
}

}  // namespace sonde::web
