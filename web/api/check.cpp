#include "web/api/check_json.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

HttpResponse get_check(Call& call) {
  const auto report = call.now->fitness;
  if (!report) return problem(503, "", "This host was not looked at yet; ask again in a moment.");
  JsonWriter out;
  write_check(out, *report, call.now->can_mend);
  return json_reply(std::move(out));
}

HttpResponse post_mend(Call& call) {
  if (auto refused = refusal_of(call.node().mend(call.id()))) return *refused;
  return no_content();
}

constexpr Route kRoutes[] = {
    {"GET", "/check", Needs::viewer, get_check},
    {"POST", "/check/{id}/mend", Needs::administrator, post_mend},
};

}  // namespace

std::span<const Route> check_routes() { return kRoutes; }

}  // namespace sonde::web
