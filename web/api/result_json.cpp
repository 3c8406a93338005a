#include "web/api/result_json.h"

#include "core/statistics/delay_histogram.h"
#include "web/api/reply.h"
#include "web/api/route_json.h"

namespace sonde::web {
namespace {

void write_counts(JsonWriter& out, const Counts& counts) {
  out.key("counts").begin_object().field("sent", counts.sent).field("received", counts.received);
  out.field("lost", counts.lost).field("duplicated", counts.duplicated).field("reordered", counts.reordered);
  out.field("dropped_here", counts.dropped_here).field("sent_late", counts.sent_late).end_object();
}

void write_statistic(JsonWriter& out, const Statistic& statistic) {
  out.begin_object().field("metric", statistic.metric ? statistic.metric->key : "");
  out.field("direction", to_string(statistic.direction)).field("subject", statistic.subject);
  out.field("value", statistic.value).field("unit", statistic.metric ? api_unit(statistic.metric->unit) : "");
  out.key("interval").begin_object().field("low", statistic.interval.low).field("high", statistic.interval.high);
  out.end_object().field("basis", to_string(statistic.basis)).field("why", statistic.why).end_object();
}

void write_histogram(JsonWriter& out, const Bytes& coded) {
  const auto histogram = DelayHistogram::decode(coded);
  out.key("histogram").begin_array();
  for (const HistogramBin& bin : histogram ? histogram->bins() : std::vector<HistogramBin>{}) {
    out.begin_object().field("low_s", static_cast<double>(bin.low_ns) / 1e9);
    out.field("high_s", static_cast<double>(bin.high_ns) / 1e9).field("count", bin.count).end_object();
  }
  out.end_array();
}

void write_direction(JsonWriter& out, const DirectionResult& direction, Detail detail) {
  out.begin_object().field("direction", to_string(direction.direction));
  write_counts(out, direction.counts);
  out.field("packets_kept", !direction.packets.empty());
  if (detail != Detail::brief) write_histogram(out, direction.histogram);
  out.end_object();
}

void write_health(JsonWriter& out, const OwnHealth& health) {
  out.key("own_health").begin_object().field("slip_p99_s", seconds_of(health.slip_p99));
  out.field("socket_drops", health.socket_drops).field("cpu_steal", health.cpu_steal);
  out.field("clock_stepped", health.clock_stepped).field("own_heavy_test", health.own_heavy_test).end_object();
}

void write_log(JsonWriter& out, const std::vector<LogLine>& log) {
  out.key("log").begin_array();
  for (const LogLine& line : log) {
    out.begin_object();
    time_field(out, "time", line.time, 6);
    out.field("level", to_string(line.level)).field("text", line.text).end_object();
  }
  out.end_array();
}

/// A second or so each of a saturating test.
void write_intervals(JsonWriter& out, const std::vector<IntervalSample>& intervals) {
  out.key("intervals").begin_array();
  for (const IntervalSample& i : intervals) {
    out.begin_object().field("begin_s", to_seconds(i.begin)).field("end_s", to_seconds(i.end));
    out.field("direction", to_string(i.direction)).field("omitted", i.omitted).field("octets", i.octets);
    out.field("lost", i.lost).field("retransmits", i.retransmits).field("round_trip_s", seconds_of(i.round_trip));
    out.field("window_octets", i.window_octets).end_object();
  }
  out.end_array();
}

/// Which result, when, and how it came about.
void write_head(JsonWriter& out, const Result& result) {
  out.field("id", result.id).field("test", result.test).field("revision", result.revision).field("run", result.run);
  out.field("probe", result.probe).field("begin", format_utc(result.begin)).field("end", format_utc(result.end));
  out.field("continuous", result.continuous).field("step_s", to_seconds(result.step)).field("late", result.late);
  out.field("outcome", to_string(result.outcome)).field("sentence", result.sentence);
  out.field("time_in_doubt", result.time_in_doubt).field("same_clock", result.own_clocks_only);
  clock_field(out, "local_clock", result.local_clock);
  clock_field(out, "remote_clock", result.remote_clock);
  const auto address = [](const IpAddress& a) { return a.is_unspecified() ? std::string() : a.text(); };
  out.field("stamp_source", to_string(result.stamp)).field("local_address", address(result.local_address));
  out.field("remote_address", address(result.remote_address));
}

}  // namespace

void write_result(JsonWriter& out, const Result& result, Detail detail) {
  out.begin_object();
  write_head(out, result);
  out.key("statistics").begin_array();
  for (const Statistic& statistic : result.statistics) write_statistic(out, statistic);
  out.end_array().key("directions").begin_array();
  for (const DirectionResult& direction : result.directions) write_direction(out, direction, detail);
  out.end_array();
  if (detail != Detail::brief && !result.intervals.empty()) write_intervals(out, result.intervals);
  write_health(out, result.health);
  out.key("parameters").begin_object();
  for (const auto& [name, value] : result.parameters) out.field(name, value);
  out.end_object();
  if (result.route) {
    out.key("route");
    write_route(out, *result.route);
  }
  if (detail == Detail::full) write_log(out, result.log);
  out.end_object();
}

std::string result_json(const Result& result, Detail detail) {
  JsonWriter out;
  write_result(out, result, detail);
  return out.take();
}

void write_event(JsonWriter& out, const Event& event) {
  out.begin_object().field("id", event.id).field("time", format_utc(event.time)).field("kind", event.kind);
  out.field("test", event.test).field("sentence", event.sentence).end_object();
}

std::string event_json(const Event& event) {
  JsonWriter out;
  write_event(out, event);
  return out.take();
}

}  // namespace sonde::web
