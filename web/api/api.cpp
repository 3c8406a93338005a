#include "web/api/api.h"

#include "web/api/gate.h"
#include "web/api/reply.h"
#include "web/api/router.h"

namespace sonde::web {
namespace {

constexpr std::string_view kBase = "/api/v1";
constexpr std::uint64_t kMostBody = 256 << 10;

bool is_api(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

HttpResponse not_found() { return problem(404, "", "There is nothing here; /api/v1/openapi.json lists what is."); }

HttpResponse wrong_method(const Match& match) {
  std::string methods;
  for (const std::string& method : match.methods) methods += (methods.empty() ? "" : ", ") + method;
  HttpResponse response = problem(405, "", "Allowed here: " + methods + ".");
  response.headers.emplace_back("Allow", methods);
  return response;
}

/// A request with the route that takes it, or the answer that refuses it. Looks at the head only.
struct Opened {
  Call call;
  const Route* route = nullptr;
  std::optional<HttpResponse> refusal;
};

Opened open(const HttpRequest& request, const ApiOptions& options) {
  Opened opened{.call = {.request = request, .parts = options, .now = options.node.snapshot()}};
  opened.call.set_up = is_set_up(*opened.call.now, options.access);
  Match match;
  if (request.path.starts_with(kBase))
    match = find_route(request.method, std::string_view(request.path).substr(kBase.size()));
  opened.route = match.route;
  opened.call.path = std::move(match.path);
  if (match.route)
    opened.refusal = check_access(opened.call, *match.route);
  else if (auto refused = check_host_header(request, *opened.call.now))
    opened.refusal = std::move(refused);
  else
    opened.refusal = match.methods.empty() ? not_found() : wrong_method(match);
  return opened;
}

/// Whether a stream may go on. A session is looked at without using it, so that an open page does not keep it alive.
bool still_allowed(const Call& begun, const ApiOptions& options) {
  const bool by_session = begun.who && !begun.who->is_token && !begun.request.is_local_socket;
  if (by_session) return options.access.session_lives(session_cookie(begun.request, *begun.now));
  return !open(begun.request, options).refusal;
}

}  // namespace

Api::Api(ApiOptions options) : options_(std::move(options)), hub_(std::make_shared<Hub>()) {
  const std::shared_ptr<Judge> judge = options_.judge;
  const auto first = options_.node.snapshot();
  judge->follow(first->config, first->latest);
  options_.node.listen(
      {.snapshot =
           [hub = hub_, judge](std::shared_ptr<const Snapshot> now) {
             judge->follow(now->config, now->latest);
             hub->publish(std::move(now));
           },
       .result =
           [hub = hub_, judge](std::shared_ptr<const Result> result) {
             judge->take(*result);
             hub->publish(std::move(result));
           },
       .event = [hub = hub_](const Event& event) { hub->publish(event); },
       .live = [hub = hub_](std::shared_ptr<const Result> so_far) { hub->publish_live(std::move(so_far)); }});
}

Api::~Api() = default;

Handlers Api::handlers() {
  return {.intake = [this](const HttpRequest& head) { return intake(head); },
          .answer = [this](const HttpRequest& request) { return handle(request); },
          .upload = [this](const HttpRequest& request, BodyReader& body) { return upload(request, body); },
          .stream = [this](const HttpRequest& request, EventStream& events) { stream(request, events); }};
}

Intake Api::intake(const HttpRequest& head) {
  if (!is_api(head.path)) return {.max_body = 0, .refusal = check_host_header(head, *options_.node.snapshot())};
  Opened opened = open(head, options_);
  if (opened.refusal) return {.refusal = std::move(opened.refusal)};
  switch (opened.route->body) {
    case Route::Body::none:
      return {.max_body = 1024};
    case Route::Body::json:
      return {.max_body = kMostBody};
    case Route::Body::upload:
      return {.kind = Intake::Kind::upload, .max_body = opened.route->most_upload};
    case Route::Body::stream:
      return {.kind = head.method == "GET" ? Intake::Kind::stream : Intake::Kind::plain};
  }
  return {};
}

HttpResponse Api::handle(const HttpRequest& request) {
  if (!is_api(request.path)) {
    if (auto refusal = check_host_header(request, *options_.node.snapshot())) return *refusal;
    if (request.method != "GET" && request.method != "HEAD") return problem(405, "", "Allowed here: GET.");
    auto page = options_.asset ? options_.asset(request) : std::nullopt;
    return page ? *page : not_found();
  }
  Opened opened = open(request, options_);
  if (opened.refusal) return *opened.refusal;
  if (opened.route->body == Route::Body::json) {
    JsonParsed parsed = parse_json(request.body);
    if (!parsed.value) return problem(400, "", parsed.sentence);
    if (parsed.value->kind != Json::Kind::object) return problem(400, "", "The body must be a JSON object.");
    opened.call.body = std::move(*parsed.value);
  }
  if (!opened.route->handle) return problem(415, "Content-Type", "Allowed here is application/octet-stream.");
  return opened.route->handle(opened.call);
}

HttpResponse Api::upload(const HttpRequest& request, BodyReader& body) {
  Opened opened = open(request, options_);
  if (opened.refusal) return *opened.refusal;
  if (!opened.route->upload) return not_found();
  return opened.route->upload(opened.call, body);
}

void Api::stream(const HttpRequest& request, EventStream& events) {
  const Opened opened = open(request, options_);
  if (opened.refusal) return;
  hub_->serve(events, opened.call.sees_all(), [&] { return still_allowed(opened.call, options_); });
}

}  // namespace sonde::web
