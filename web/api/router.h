#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/access/access.h"
#include "core/base/json.h"
#include "web/http.h"
#include "web/view.h"

namespace sonde::web {

class Hub;
struct ApiOptions;

/// Who may call. Before set-up `reading` and `viewer` are open to this host.
enum class Needs : std::uint8_t { anybody, reading, viewer, operator_, administrator };

/// What a handler works on. Lives for one request.
struct Call {
  const HttpRequest& request;
  const ApiOptions& parts;
  std::shared_ptr<const Snapshot> now;                   ///< the picture that the whole request is answered from
  std::optional<Identity> who;                           ///< empty = nobody logged in
  std::map<std::string, std::string, std::less<>> path;  ///< "{id}" and what stands there
  Json body;                                             ///< of routes that take one: an object
  bool set_up = false;

  const std::string& id() const { return path.find("id")->second; }
  Node& node() const;
  Access& access() const;
  /// Everything about this node and its users; false for the public, who see measurements only.
  bool sees_all() const { return who.has_value() || !set_up; }
};

struct Route {
  std::string_view method, pattern;  ///< "GET", "/tests/{id}/run"
  Needs needs = Needs::administrator;
  HttpResponse (*handle)(Call&) = nullptr;
  enum class Body : std::uint8_t { none, json, upload, stream } body = Body::none;
  HttpResponse (*upload)(Call&, BodyReader&) = nullptr;
  std::uint64_t most_upload = 64 << 10;
};

/// All routes of the API, below /api/v1.
std::span<const Route> routes();

struct Match {
  const Route* route = nullptr;      ///< null: no such path, or no such method of it
  std::vector<std::string> methods;  ///< of the path; empty = no such path
  std::map<std::string, std::string, std::less<>> path;
};
/// `path` without /api/v1. HEAD finds what GET would.
Match find_route(std::string_view method, std::string_view path);

/// What has to be done with a future of the node's: its value, or a 503.
std::optional<HttpResponse> refusal_of(std::future<std::optional<Problem>> outcome);
/// The revision in If-Match; or 428 without, 412 when it is no ETag of ours.
struct Precondition {
  std::optional<std::uint64_t> revision;
  std::optional<HttpResponse> refusal;
};
Precondition if_match(const HttpRequest& request);

}  // namespace sonde::web
