#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

HttpResponse list_paths(Call&) { return problem(503, "", "Paths cannot be judged yet."); }

constexpr Route kRoutes[] = {
    {"GET", "/paths", Needs::reading, list_paths},
    {"GET", "/paths/{id}", Needs::reading, list_paths},
};

}  // namespace

std::span<const Route> path_routes() { return kRoutes; }

}  // namespace sonde::web
