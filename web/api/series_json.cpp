#include "web/api/series_json.h"

#include "core/statistics/loss.h"
#include "web/api/reply.h"

namespace sonde::web {
namespace {

std::string text(const std::optional<double>& value) {
  if (!value) return "";
  JsonWriter out;
  std::string number = out.value(*value).take();
  return number == "null" ? "" : number;
}

template <typename Points>
UtcTime first_time(const Points& points, const TimeRange& range, Duration step) {
  if (!points.empty()) return points.front().begin;
  return step > Duration::zero() ? align_down(range.begin, step) : range.begin;
}

template <typename Points>
void write_index_of(JsonWriter& out, const Points& points, UtcTime begin, Duration step) {
  out.key("index").begin_array();
  for (const auto& point : points) out.value(step > Duration::zero() ? (point.begin - begin) / step : 0);
  out.end_array();
}

template <typename Points, typename Get>
void column(JsonWriter& out, const char* name, const Points& points, Get get) {
  out.key(name).begin_array();
  for (const auto& point : points) out.value(get(point));
  out.end_array();
}

/// Wilson's interval where anything was sent; never a loss of zero where nothing was.
struct Loss {
  std::optional<double> share, low, high;
};
Loss loss_of(const SmokePoint& point) {
  if (point.sent == 0) return {};
  const Interval interval = wilson(point.lost, point.sent);
  return {static_cast<double>(point.lost) / static_cast<double>(point.sent), interval.low, interval.high};
}

using Percentile = std::pair<const char*, std::optional<double> SmokePoint::*>;
constexpr Percentile kPercentiles[] = {{"min", &SmokePoint::min}, {"p10", &SmokePoint::p10},
                                       {"p25", &SmokePoint::p25}, {"p50", &SmokePoint::p50},
                                       {"p75", &SmokePoint::p75}, {"p90", &SmokePoint::p90},
                                       {"max", &SmokePoint::max}, {"clock_bound", &SmokePoint::clock_bound}};

}  // namespace

void write_index(JsonWriter& out, const Series& series, UtcTime begin) {
  write_index_of(out, series.points, begin, series.step);
}

JsonWriter series_json(const Series& series, const SeriesKey& key, const Metric* metric, const TimeRange& range) {
  JsonWriter out;
  const UtcTime begin = first_time(series.points, range, series.step);
  out.begin_object().field("id", key.id()).field("unit", metric ? api_unit(metric->unit) : "");
  out.field("begin", format_utc(begin)).field("step_s", to_seconds(series.step));
  write_index(out, series, begin);
  column(out, "value", series.points, [](const Point& p) { return p.value; });
  column(out, "low", series.points, [](const Point& p) { return p.low; });
  column(out, "high", series.points, [](const Point& p) { return p.high; });
  column(out, "error", series.points, [](const Point& p) { return p.error; });
  out.end_object();
  return out;
}

std::string series_csv(const Series& series, const Metric* metric) {
  const std::string unit = metric ? " [" + std::string(api_unit(metric->unit)) + "]" : "";
  std::string out = "time [UTC]," + (metric ? std::string(metric->key) : series.key.metric) + unit + ",low" + unit +
                    ",high" + unit + ",error" + unit + "\n";
  for (const Point& p : series.points)
    out +=
        format_utc(p.begin) + "," + text(p.value) + "," + text(p.low) + "," + text(p.high) + "," + text(p.error) + "\n";
  return out;
}

JsonWriter smoke_json(const Smoke& smoke, const std::string& test, std::uint32_t revision, Direction direction,
                      const TimeRange& range) {
  JsonWriter out;
  const UtcTime begin = first_time(smoke.points, range, smoke.step);
  out.begin_object().field("test", test).field("revision", revision).field("direction", to_string(direction));
  out.field("unit", "s").field("begin", format_utc(begin)).field("step_s", to_seconds(smoke.step));
  write_index_of(out, smoke.points, begin, smoke.step);
  column(out, "sent", smoke.points, [](const SmokePoint& p) { return p.sent; });
  column(out, "lost", smoke.points, [](const SmokePoint& p) { return p.lost; });
  for (const auto& [name, member] : kPercentiles)
    column(out, name, smoke.points, [member = member](const SmokePoint& p) { return p.*member; });
  column(out, "same_clock", smoke.points, [](const SmokePoint& p) { return p.same_clock; });
  column(out, "heavy", smoke.points, [](const SmokePoint& p) { return p.heavy; });
  column(out, "loss", smoke.points, [](const SmokePoint& p) { return loss_of(p).share; });
  column(out, "loss_low", smoke.points, [](const SmokePoint& p) { return loss_of(p).low; });
  column(out, "loss_high", smoke.points, [](const SmokePoint& p) { return loss_of(p).high; });
  out.end_object();
  return out;
}

std::string smoke_csv(const Smoke& smoke) {
  std::string out = "time [UTC],sent [packets],lost [packets]";
  for (const auto& [name, member] : kPercentiles) out += "," + std::string(name) + " [s]";
  out += ",same_clock,heavy,loss [share],loss_low [share],loss_high [share]\n";
  for (const SmokePoint& p : smoke.points) {
    out += format_utc(p.begin) + "," + std::to_string(p.sent) + "," + std::to_string(p.lost);
    for (const auto& [name, member] : kPercentiles) out += "," + text(p.*member);
    const Loss loss = loss_of(p);
    out += std::string(p.same_clock ? ",yes" : ",no") + (p.heavy ? ",yes" : ",no");
    out += "," + text(loss.share) + "," + text(loss.low) + "," + text(loss.high) + "\n";
  }
  return out;
}

}  // namespace sonde::web
