#include <algorithm>

#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/route_json.h"

namespace sonde::web {
namespace {

constexpr std::size_t kMostEvents = 10'000, kMostRoutes = 500;

/// A route with the time in which it was the route of its test.
struct Period {
  TracedRoute route;
  UtcTime since{};
  std::optional<UtcTime> until;  ///< empty: it still is
  UtcTime last_seen{};
  std::string sentence;  ///< how it came about
};

/// From the events of a test, oldest first. What joined a route later belongs to it from its beginning.
std::vector<Period> periods_of(const std::vector<Event>& oldest_first) {
  std::vector<Period> periods;
  for (const Event& event : oldest_first) {
    if (!event.routes) continue;
    const bool begins = event.kind != "route_more" || periods.empty();
    if (begins) {
      if (!periods.empty()) {
        periods.back().until = event.time;
        if (event.routes->before) periods.back().last_seen = event.routes->before_seen;
      }
      periods.push_back({event.routes->after, event.time, {}, event.time, event.sentence});
    } else {
      periods.back().route = event.routes->after;
      periods.back().last_seen = std::max(periods.back().last_seen, event.time);
    }
  }
  return periods;
}

void write_period(JsonWriter& out, const Period& period, const Node& node, bool names) {
  out.begin_object();
  time_field(out, "since", period.since);
  time_field(out, "until", period.until);
  time_field(out, "last_seen", period.last_seen);
  out.field("sentence", period.sentence).key("route");
  write_route(out, period.route, &node, names);
  out.end_object();
}

HttpResponse list_routes(Call& call) {
  static constexpr std::string_view kNames[] = {"0", "1"};
  Query query(call.request);
  const TimeRange range = query.range(call.now->made + std::chrono::minutes(1));
  const bool names = query.word("names", kNames, "0") == "1";
  if (auto wrong = query.finish()) return problem(*wrong);
  const TestSpec* test = call.now->config->test(call.id());
  if (!test) return problem(404, "id", "There is no such test.");
  // The route at the beginning of the range came about before it.
  const Archive& archive = call.node().archive();
  auto events = archive.events({UtcTime{}, range.end}, test->id, kMostEvents);
  std::ranges::reverse(events);
  std::vector<Period> periods = periods_of(events);
  if (!periods.empty()) {
    Period& newest = periods.back();
    const auto runs = archive.results(
        {.test = test->id, .range = {newest.since, range.end}, .limit = 1, .before_id = {}, .outcome = Outcome::done});
    if (!runs.empty()) newest.last_seen = std::max(newest.last_seen, runs.front()->begin);
  }
  std::erase_if(periods, [&](const Period& one) { return one.until && *one.until <= range.begin; });
  if (periods.size() > kMostRoutes) periods.erase(periods.begin(), periods.end() - kMostRoutes);
  JsonWriter out;
  out.begin_object().field("test", test->id).key("items").begin_array();
  for (const Period& period : periods) write_period(out, period, call.node(), names && call.sees_all());
  out.end_array().end_object();
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {{"GET", "/tests/{id}/routes", Needs::reading, list_routes}};

}  // namespace

std::span<const Route> trace_routes() { return kRoutes; }

}  // namespace sonde::web
