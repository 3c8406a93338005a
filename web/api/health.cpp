#include "web/api/openapi.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/snapshot_json.h"

namespace sonde::web {
namespace {

HttpResponse get_health(Call& call) {
  const auto problems = problems_of(*call.now, false);
  JsonWriter out;
  out.begin_object().field("status", problems.empty() ? "ok" : "degraded").field("set_up", call.set_up);
  time_field(out, "time", call.now->made);
  out.field("sentence", problems.empty() ? "" : problems.front()).end_object();
  return json_reply(std::move(out));
}

HttpResponse get_description(Call&) {
  HttpResponse response;
  response.body = openapi_text();
  return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/health", Needs::anybody, get_health},
    {"GET", "/openapi.json", Needs::anybody, get_description},
};

}  // namespace

std::span<const Route> health_routes() { return kRoutes; }

}  // namespace sonde::web
