#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/result_json.h"

namespace sonde::web {
namespace {

HttpResponse list_events(Call& call) {
  Query query(call.request);
  const TimeRange range = query.range(call.now->made + std::chrono::minutes(1));
  const std::string test = query.text("test"), kind = query.text("kind");
  const std::int64_t limit = query.whole("limit", 1, 1000, 100);
  if (auto wrong = query.finish()) return problem(*wrong);
  // the archive knows no kinds: more are asked for, so that a rare kind is not crowded out
  const auto events =
      call.node().archive().events(range, test, kind.empty() ? static_cast<std::size_t>(limit) : 10'000);
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  std::int64_t written = 0;
  for (const Event& event : events) {
    if (written >= limit || (!kind.empty() && event.kind != kind)) continue;
    write_event(out, event);
    ++written;
  }
  out.end_array().end_object();
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {{"GET", "/events", Needs::reading, list_events}};

}  // namespace

std::span<const Route> event_routes() { return kRoutes; }

}  // namespace sonde::web
