#include "web/api/reply.h"

namespace sonde::web {

HttpResponse problem(int status, std::string_view field, std::string_view sentence) {
  JsonWriter out;
  out.begin_object().field("status", status).field("field", field).field("sentence", sentence).end_object();
  return json_reply(std::move(out), status);
}

HttpResponse problem(const Problem& told) { return problem(told.status, told.field, told.sentence); }

HttpResponse json_reply(JsonWriter&& body, int status) {
  HttpResponse response;
  response.status = status;
  response.body = body.take() + "\n";
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

HttpResponse csv_reply(std::string body, std::string_view name) {
  HttpResponse response;
  response.content_type = "text/csv; charset=utf-8";
  response.body = std::move(body);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + std::string(name) + ".csv\"");
  return response;
}

HttpResponse no_content() {
  HttpResponse response;
  response.status = 204;
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

HttpResponse with_etag(HttpResponse response, std::uint64_t revision) {
  response.headers.emplace_back("ETag", "\"" + std::to_string(revision) + "\"");
  return response;
}

std::string_view api_unit(Unit unit) {
  switch (unit) {
    case Unit::none:
      return "";
    case Unit::seconds:
      return "s";
    case Unit::share:
      return "share";
    case Unit::packets:
      return "packets";
    case Unit::octets:
      return "bytes";
    case Unit::bits_per_second:
      return "bit/s";
    case Unit::octets_per_second:
      return "bytes/s";
    case Unit::packets_per_second:
      return "packets/s";
    case Unit::hops:
      return "hops";
    case Unit::parts_per_million:
      return "ppm";
  }
  return "";
}

void time_field(JsonWriter& out, std::string_view name, UtcTime time, int digits) {
  out.key(name);
  if (time == UtcTime{})
    out.null();
  else
    out.value(format_utc(time, digits));
}

void time_field(JsonWriter& out, std::string_view name, const std::optional<UtcTime>& time, int digits) {
  time_field(out, name, time.value_or(UtcTime{}), digits);
}

std::optional<double> seconds_of(const std::optional<Duration>& duration) {
  if (!duration) return std::nullopt;
  return to_seconds(*duration);
}

void clock_field(JsonWriter& out, std::string_view name, const ClockQuality& clock) {
  out.key(name).begin_object().field("synchronised", clock.synchronised).field("believed", clock.believed);
  out.field("bound_s", seconds_of(clock.bound)).field("source", clock.source).end_object();
}

}  // namespace sonde::web
