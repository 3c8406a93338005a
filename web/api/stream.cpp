#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

/// The server takes a stream by Api::stream; this answers who came without one, such as HEAD.
HttpResponse get_stream(Call&) {
  HttpResponse response;
  response.content_type = "text/event-stream";
  return response;
}

constexpr Route kRoutes[] = {{"GET", "/stream", Needs::reading, get_stream, Route::Body::stream}};

}  // namespace

std::span<const Route> stream_routes() { return kRoutes; }

}  // namespace sonde::web
