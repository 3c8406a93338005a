#include <algorithm>
#include <cmath>

#include "web/api/api.h"
#include "web/api/path_text.h"
#include "web/api/path_view.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/test_json.h"

namespace sonde::web {
namespace {

void write_value(JsonWriter& out, std::string_view name, const std::optional<Statistic>& statistic, Unit unit) {
  const Statistic none{.why = "not measured"};
  const Statistic& s = statistic ? *statistic : none;
  out.key(name).begin_object().field("value", s.value).field("unit", api_unit(unit));
  out.key("interval").begin_object().field("low", s.interval.low).field("high", s.interval.high).end_object();
  out.field("basis", to_string(s.basis)).field("why", s.why).end_object();
}

void write_normal(JsonWriter& out, const Judged& judged) {
  out.key("normal_delay");
  if (!judged.built) {
    out.null();
    return;
  }
  const bool known = judged.baseline_results >= 200;
  const NormalHour& normal = judged.normal_delay;
  out.begin_object().field("results", judged.baseline_results).field("needed", 200);
  out.field("p50", known ? std::optional(normal.p50) : std::nullopt);
  out.field("p95", known ? std::optional(normal.p95) : std::nullopt)
      .field("filtered", normal.this_hour_only)
      .end_object();
}

/// Four digits are more than a sparkline shows.
std::optional<double> rounded(std::optional<double> value) {
  if (!value || *value == 0) return value;
  const double scale = std::pow(10, 3 - std::floor(std::log10(std::abs(*value))));
  return std::round(*value * scale) / scale;
}

void write_sparkline(JsonWriter& out, const PathDirection& each) {
  out.key("sparkline");
  const auto& smoke = each.judged.sparkline;
  if (!smoke || smoke->points.empty() || smoke->step <= Duration::zero()) {
    out.null();
    return;
  }
  const UtcTime begin = smoke->points.front().begin;
  out.begin_object()
      .field("metric", metric::delay_p50.key)
      .field("unit", "s")
      .field("direction", to_string(each.direction));
  out.field("begin", format_utc(begin)).field("step_s", to_seconds(smoke->step)).key("index").begin_array();
  for (const SmokePoint& point : smoke->points) out.value((point.begin - begin) / smoke->step);
  out.end_array().key("value").begin_array();
  for (const SmokePoint& point : smoke->points) out.value(rounded(point.p50));
  out.end_array().end_object();
}

void write_direction(JsonWriter& out, const PathDirection& each, UtcTime now) {
  const Judged& judged = each.judged;
  out.begin_object().field("direction", to_string(each.direction)).field("test", each.test);
  write_value(out, "delay", judged.newest_delay, Unit::seconds);
  write_normal(out, judged);
  write_value(out, "loss", judged.newest_loss, Unit::share);
  out.field("state", to_string(judged.state));
  time_field(out, "since", judged.since);
  out.field("sentence", direction_sentence(judged, now));
  time_field(out, "updated", judged.updated);
  write_sparkline(out, each);
  out.end_object();
}

void write_verdict(JsonWriter& out, const PathVerdict& verdict) {
  out.key("me_or_network").begin_object().field("verdict", verdict.verdict).field("sentence", verdict.sentence);
  out.key("evidence").begin_array();
  for (const std::string& each : verdict.evidence) out.value(each);
  out.end_array().end_object();
}

/// The object stays open.
void write_path(JsonWriter& out, const PathView& path, UtcTime now) {
  out.begin_object().field("id", path.id).field("peer", path.peer.id);
  out.field("peer_name", path.peer.name.empty() ? path.peer.address : path.peer.name);
  out.field("peer_address", path.peer.address).field("domain", path.domain).field("family", to_string(path.family));
  out.field("own_address", path.own_address).field("remote_address", path.remote_address).key("tests").begin_array();
  for (const TestSpec* test : path.tests) out.value(test->id);
  out.end_array().field("state", to_string(path.state));
  time_field(out, "since", path.since);
  out.field("badness", path.badness).field("sentence", path.sentence).field("same_clock", path.same_clock);
  time_field(out, "updated", path.updated);
  out.key("directions").begin_array();
  for (const PathDirection& each : path.directions) write_direction(out, each, now);
  out.end_array();
}

/// What draws the path and how it is measured: for those, too, who may not see the configuration.
void write_measurement(JsonWriter& out, const Call& call, const TestSpec& spec) {
  out.begin_object().field("id", spec.id).field("title", spec.title).field("probe", spec.probe);
  out.field("sentence", test_sentence(call.node(), *call.now->config, spec)).field("revision", spec.revision);
  out.key("revisions").begin_array();
  for (const std::uint32_t revision : call.node().archive().revisions(spec.id)) out.value(revision);
  out.end_array().key("schedule");
  write_schedule(out, spec.schedule);
  out.key("options").begin_object();
  for (const auto& [name, value] : spec.options) out.field(name, value);
  out.end_object().end_object();
}

void write_domains(JsonWriter& out, const std::vector<PathView>& paths) {
  struct Domain {
    std::string name;
    std::size_t paths = 0;
    PathState state = PathState::good;
  };
  std::vector<Domain> domains;  // paths are sorted, so the first of each domain is its worst
  for (const PathView& path : paths) {
    auto found = std::ranges::find(domains, path.domain, &Domain::name);
    if (found == domains.end()) found = domains.insert(found, {path.domain, 0, path.state});
    ++found->paths;
  }
  out.key("domains").begin_array();
  for (const Domain& domain : domains)
    out.begin_object()
        .field("domain", domain.name)
        .field("paths", domain.paths)
        .field("state", to_string(domain.state))
        .end_object();
  out.end_array();
}

HttpResponse list_paths(Call& call) {
  const auto paths = paths_of(*call.parts.judge, *call.now);
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const PathView& path : paths) {
    write_path(out, path, call.now->made);
    out.end_object();
  }
  out.end_array().field("sentence", paths_sentence(paths)).key("counts").begin_object();
  for (const PathState state :
       {PathState::good, PathState::watch, PathState::bad, PathState::learning, PathState::unknown})
    out.field(to_string(state), std::ranges::count(paths, state, &PathView::state));
  out.end_object();
  write_domains(out, paths);
  out.end_object();
  return json_reply(std::move(out));
}

HttpResponse get_path(Call& call) {
  const auto paths = paths_of(*call.parts.judge, *call.now);
  const auto path = std::ranges::find(paths, call.id(), &PathView::id);
  if (path == paths.end()) return problem(404, "id", "There is no such path; its tests may have been deleted.");
  JsonWriter out;
  write_path(out, *path, call.now->made);
  write_verdict(out, me_or_network(*path, paths, *call.now));
  out.key("measurements").begin_array();
  for (const TestSpec* test : path->tests) write_measurement(out, call, *test);
  out.end_array().end_object();
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {
    {"GET", "/paths", Needs::reading, list_paths},
    {"GET", "/paths/{id}", Needs::reading, get_path},
};

}  // namespace

std::span<const Route> path_routes() { return kRoutes; }

}  // namespace sonde::web
