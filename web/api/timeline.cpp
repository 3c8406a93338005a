#include "core/config/text_rules.h"
#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/timeline_view.h"

namespace sonde::web {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongest = 48h;

void write_block(JsonWriter& out, const TimelineBlock& block) {
  const RunView& run = block.run;
  out.begin_object().field("run", run.id).field("test", run.test).field("title", run.title).field("probe", run.probe);
  out.field("lane", run.heavy ? "heavy" : "light").field("state", block.planned ? "planned" : to_string(run.state));
  out.field("requester", run.requester).field("sentence", run.sentence).field("retries", run.retries);
  time_field(out, "planned", run.planned);
  time_field(out, "begin", run.begin);
  time_field(out, "end", run.end);
  time_field(out, "expected_end", block.until);
  out.end_object();
}

void write_lease(JsonWriter& out, const Lease& lease) {
  out.begin_object().field("kind", to_string(lease.kind)).field("requester", lease.requester).field("run", lease.run);
  out.field("title", lease.title).field("outcome", lease.outcome).field("sentence", lease.sentence);
  time_field(out, "begin", lease.begin);
  time_field(out, "until", lease.until);
  time_field(out, "end", lease.end);
  out.end_object();
}

bool within(const Lease& lease, TimeRange range) {
  return lease.begin < range.end && (lease.end == UtcTime{} || lease.end >= range.begin);
}

HttpResponse get_timeline(Call& call) {
  Query query(call.request);
  const UtcTime now = call.now->made;
  const TimeRange range{query.time("from").value_or(now - 24h), query.time("to").value_or(now + 24h)};
  static constexpr std::string_view kYesNo[] = {"yes", "no"};
  const bool self_checks = query.word("self_checks", kYesNo, "yes") == "yes";
  if (range.begin >= range.end || range.length() > kLongest)
    query.refuse("to", refusal("to", format_utc(range.end, 0), "a time after from, at most 48 h later"));
  if (auto wrong = query.finish()) return problem(*wrong);
  const Timeline line = timeline_of(*call.now, call.node().archive(), call.node().probes(), range, self_checks);
  JsonWriter out;
  out.begin_object();
  time_field(out, "from", range.begin);
  time_field(out, "to", range.end);
  time_field(out, "now", now);
  out.key("blocks").begin_array();
  for (const TimelineBlock& block : line.blocks) write_block(out, block);
  out.end_array().key("leases").begin_array();
  for (const Lease& lease : *call.now->leases)
    if (within(lease, range)) write_lease(out, lease);
  out.end_array().key("pauses").begin_array();
  for (const auto& [time, sentence] : line.pauses) {
    out.begin_object();
    time_field(out, "begin", time.begin);
    time_field(out, "end", time.end);
    out.field("sentence", sentence).end_object();
  }
  out.end_array().field("runs_left_out", line.runs_left_out).field("tests_not_read", line.tests_not_read);
  out.end_object();
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {{"GET", "/timeline", Needs::viewer, get_timeline}};

}  // namespace

std::span<const Route> timeline_routes() { return kRoutes; }

}  // namespace sonde::web
