#include <algorithm>

#include "core/config/text_rules.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/test_json.h"

namespace sonde::web {
namespace {

std::string_view kind_of(OptionKind kind) {
  static constexpr std::string_view kNames[] = {"integer", "number", "duration", "text", "choice", "flag"};
  return kNames[static_cast<int>(kind)];
}

std::string_view kind_of(MetricKind kind) {
  static constexpr std::string_view kNames[] = {"gauge", "count", "counter", "ratio"};
  return kNames[static_cast<int>(kind)];
}

void write_option(JsonWriter& out, const OptionSpec& spec) {
  out.begin_object().field("name", spec.name).field("summary", spec.summary).field("kind", kind_of(spec.kind));
  out.field("unit", spec.unit).field("default", spec.standard).field("least", spec.least).field("most", spec.most);
  out.key("choices").begin_array();
  for (std::string_view rest = spec.choices; !rest.empty();) {
    const auto bar = rest.find('|');
    out.value(rest.substr(0, bar));
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
  }
  out.end_array().field("identity", spec.identity).field("advanced", spec.advanced).end_object();
}

void write_probe(JsonWriter& out, const ProbeType& type) {
  out.begin_object().field("id", type.name).field("title", type.title).field("summary", type.summary);
  out.field("footprint", type.footprint == Footprint::light ? "light" : "saturating");
  out.field("needs_peer", type.needs_peer).field("two_directions", type.two_directions).key("standard_schedule");
  write_schedule(out, type.standard_schedule);
  out.field("well_known_port", type.well_known_port).key("options").begin_array();
  for (const OptionSpec& spec : type.options) write_option(out, spec);
  out.end_array().key("metrics").begin_array();
  for (const Metric& metric : type.metrics) out.value(metric.key);
  out.end_array().end_object();
}

HttpResponse list_probes(Call& call) {
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const ProbeType* type : call.node().probes()) write_probe(out, *type);
  out.end_array().end_object();
  return json_reply(std::move(out));
}

void write_metric(JsonWriter& out, const Metric& metric, std::string_view probe) {
  out.begin_object().field("id", metric.key).field("title", metric.title).field("unit", api_unit(metric.unit));
  out.field("kind", kind_of(metric.kind)).field("definition", metric.definition).field("help", metric.help);
  out.field("probe", probe).end_object();
}

HttpResponse list_metrics(Call& call) {
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const Metric& metric : standard_metrics()) write_metric(out, metric, "");
  for (const ProbeType* type : call.node().probes())
    for (const Metric& metric : type->metrics) write_metric(out, metric, type->name);
  out.end_array().end_object();
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {
    {"GET", "/probes", Needs::reading, list_probes},
    {"GET", "/metrics", Needs::reading, list_metrics},
};

}  // namespace

std::span<const Route> catalogue_routes() { return kRoutes; }

}  // namespace sonde::web
