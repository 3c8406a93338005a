#include <algorithm>

#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/result_json.h"

namespace sonde::web {
namespace {

HttpResponse unknown() {
  return problem(404, "id", "There is no such result; it may have been deleted with its test.");
}

HttpResponse list_results(Call& call) {
  static constexpr std::string_view kOutcomes[] = {"done", "failed", "skipped", "refused"};
  Query query(call.request);
  ResultQuery wish;
  wish.test = query.text("test");
  // from a moment ahead, so that a result with a slightly fast clock is not missed
  wish.range = query.range(call.now->made + std::chrono::hours(1));
  if (call.request.query.count("from") == 0) wish.range.begin = UtcTime{};
  wish.before_id = query.text("before");
  wish.limit = static_cast<std::size_t>(query.whole("limit", 1, 1000, 100));
  wish.outcome = outcome_from(query.word("outcome", kOutcomes, ""));
  if (auto wrong = query.finish()) return problem(*wrong);
  const auto results = call.node().archive().results(wish);
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const auto& result : results) write_result(out, *result, Detail::brief);
  out.end_array().key("next");
  if (results.size() == wish.limit)
    out.value(results.back()->id);
  else
    out.null();
  out.end_object();
  return json_reply(std::move(out));
}

HttpResponse get_result(Call& call) {
  const auto result = call.node().archive().result(call.id());
  if (!result) return unknown();
  JsonWriter out;
  write_result(out, *result, call.sees_all() ? Detail::full : Detail::full_without_log);
  return json_reply(std::move(out));
}

std::string packets_csv(const std::vector<PacketRecord>& packets) {
  std::string out = "sequence,scheduled [UTC],sent [UTC],received [UTC],delay [s],hop_limit\n";
  for (const PacketRecord& p : packets) {
    out += std::to_string(p.sequence) + "," + format_utc(p.scheduled, 9) + "," + format_utc(p.sent, 9) + ",";
    if (p.received) {
      JsonWriter delay;
      out += format_utc(*p.received, 9) + "," + delay.value(to_seconds(*p.received - p.sent)).take();
    } else {
      out += ",";
    }
    out += "," + (p.hop_limit ? std::to_string(p.hop_limit) : "") + "\n";
  }
  return out;
}

void write_packet(JsonWriter& out, const PacketRecord& packet) {
  out.begin_object().field("sequence", packet.sequence);
  time_field(out, "scheduled", packet.scheduled, 9);
  time_field(out, "sent", packet.sent, 9);
  time_field(out, "received", packet.received, 9);
  out.field("hop_limit", packet.hop_limit ? std::optional<int>(packet.hop_limit) : std::nullopt).end_object();
}

HttpResponse get_packets(Call& call) {
  Query query(call.request);
  const auto direction = query.direction();
  const bool csv = query.csv();
  if (auto wrong = query.finish()) return problem(*wrong);
  const auto result = call.node().archive().result(call.id());
  if (!result) return unknown();
  const auto found = std::ranges::find(result->directions, *direction, &DirectionResult::direction);
  if (found == result->directions.end() || found->packets.empty())
    return problem(404, "direction", "No packets of this direction are kept; they are for 24 h.");
  if (csv) return csv_reply(packets_csv(found->packets), "packets-" + result->id);
  JsonWriter out;
  out.begin_object().field("result", result->id).field("direction", to_string(*direction)).key("items").begin_array();
  for (const PacketRecord& packet : found->packets) write_packet(out, packet);
  out.end_array().end_object();
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {
    {"GET", "/results", Needs::reading, list_results},
    {"GET", "/results/{id}", Needs::reading, get_result},
    {"GET", "/results/{id}/packets", Needs::viewer, get_packets},
};

}  // namespace

std::span<const Route> result_routes() { return kRoutes; }

}  // namespace sonde::web
