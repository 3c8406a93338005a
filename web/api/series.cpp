#include <algorithm>

#include "core/config/rules.h"
#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/series_json.h"

namespace sonde::web {
namespace {

/// The metric as the catalogue of the test's probe has it; null for a metric that is no more.
const Metric* metric_of(Call& call, const SeriesKey& key) {
  const TestSpec* test = call.now->config->test(key.test);
  const ProbeType* type = test ? find_probe(call.node().probes(), test->probe) : nullptr;
  return type ? find_metric(*type, key.metric) : find_standard_metric(key.metric);
}

void write_info(JsonWriter& out, const SeriesInfo& info, const Metric* metric) {
  out.begin_object().field("id", info.key.id()).field("test", info.key.test).field("revision", info.key.revision);
  out.field("metric", info.key.metric)
      .field("direction", to_string(info.key.direction))
      .field("subject", info.key.subject);
  out.field("unit", metric ? api_unit(metric->unit) : "").field("title", metric ? metric->title : "");
  out.field("begin", format_utc(info.extent.begin)).field("end", format_utc(info.extent.end));
  out.field("step_s", to_seconds(info.step)).end_object();
}

HttpResponse list_series(Call& call) {
  Query query(call.request);
  const std::string wanted = query.text("test");
  if (auto wrong = query.finish()) return problem(*wrong);
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const TestSpec& test : call.now->config->tests) {
    if (!wanted.empty() && test.id != wanted) continue;
    for (const SeriesInfo& info : call.node().archive().series(test.id))
      write_info(out, info, metric_of(call, info.key));
  }
  out.end_array().end_object();
  return json_reply(std::move(out));
}

/// What gives about 500 points where nothing was wished.
Duration resolution_of(Query& query, const TimeRange& range) {
  const auto wished = query.duration("resolution");
  return wished ? *wished : std::max<Duration>(std::chrono::seconds(1), range.length() / 500);
}

HttpResponse get_data(Call& call) {
  Query query(call.request);
  const TimeRange range = query.range(call.now->made);
  const Duration resolution = resolution_of(query, range);
  const bool csv = query.csv();
  if (auto wrong = query.finish()) return problem(*wrong);
  const auto key = SeriesKey::from_id(call.id());
  if (!key || !call.now->config->test(key->test)) return problem(404, "id", "There is no such series.");
  const Series series = call.node().archive().fetch(*key, range, resolution);
  const Metric* metric = metric_of(call, *key);
  if (csv) return csv_reply(series_csv(series, metric), "series-" + key->id());
  return json_reply(series_json(series, *key, metric, range));
}

HttpResponse get_smoke(Call& call) {
  Query query(call.request);
  const auto direction = query.direction();
  const TimeRange range = query.range(call.now->made);
  const Duration resolution = resolution_of(query, range);
  const TestSpec* test = call.now->config->test(call.id());
  const auto revision = static_cast<std::uint32_t>(query.whole("revision", 1, 1'000'000, test ? test->revision : 1));
  const bool csv = query.csv();
  if (auto wrong = query.finish()) return problem(*wrong);
  if (!test) return problem(404, "id", "There is no such test.");
  const Smoke smoke = call.node().archive().smoke(test->id, revision, *direction, range, resolution);
  const std::string name = "delay-" + test->id + "-" + std::string(to_string(*direction));
  if (csv) return csv_reply(smoke_csv(smoke), name);
  return json_reply(smoke_json(smoke, test->id, revision, *direction, range));
}

constexpr Route kRoutes[] = {
    {"GET", "/series", Needs::reading, list_series},
    {"GET", "/series/{id}/data", Needs::reading, get_data},
    {"GET", "/tests/{id}/smoke", Needs::reading, get_smoke},
};

}  // namespace

std::span<const Route> series_routes() { return kRoutes; }

}  // namespace sonde::web
