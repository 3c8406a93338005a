#include "web/api/test_json.h"

#include <array>

#include "core/base/bytes.h"
#include "core/config/day_cost.h"
#include "core/config/rules.h"
#include "core/config/text_rules.h"
#include "web/api/fields.h"
#include "web/api/reply.h"

namespace sonde::web {
namespace {

constexpr std::string_view kScheduleKinds[] = {"every", "continuous", "once", "at"};
constexpr std::string_view kFamilies[] = {"IPv4", "IPv6"};

Schedule read_schedule(Fields& in) {
  Fields inner = in.object("schedule");
  Schedule schedule;
  schedule.kind = static_cast<Schedule::Kind>(inner.word("kind", kScheduleKinds));
  schedule.period = inner.duration("period");
  schedule.spread = inner.duration("spread");
  schedule.at = inner.time("at").value_or(UtcTime{});
  for (const std::string& text : inner.texts("times", 48)) {
    if (const auto time = parse_time_of_day(text))
      schedule.times.push_back(*time);
    else
      inner.refuse("times", refusal("times", text, "a time of day in UTC, as in 02:00 or 14:30"));
  }
  in.join(inner);
  return schedule;
}

Cost cost_of(const Node& node, const TestSpec& spec) {
  const ProbeType* type = find_probe(node.probes(), spec.probe);
  return type && type->cost ? type->cost(spec) : Cost{};
}

/// That of the peer's address where it is one; a name may have both.
Family family_of(const Node& node, const std::string& peer) {
  for (const Peer& one : node.snapshot()->config->peers)
    if (one.id == peer)
      if (const auto address = IpAddress::parse(one.address)) return address->family();
  return Family::v4;
}

std::string packets_text(double packets_per_second) {
  if (packets_per_second <= 0) return "";
  if (packets_per_second >= 0.95) return ", " + with_prefix(packets_per_second, "packets/s");
  if (packets_per_second * 60 >= 0.95) return ", " + with_prefix(packets_per_second * 60, "packets/min");
  return ", " + with_prefix(packets_per_second * 3600, "packets/h");
}

}  // namespace

void write_schedule(JsonWriter& out, const Schedule& schedule) {
  out.begin_object().field("kind", kScheduleKinds[static_cast<int>(schedule.kind)]);
  out.field("period", schedule.period == Duration::zero() ? "" : exact_duration(schedule.period));
  out.field("spread", schedule.spread == Duration::zero() ? "" : exact_duration(schedule.spread));
  time_field(out, "at", schedule.at);
  out.key("times").begin_array();
  for (const TimeOfDay time : schedule.times) out.value(format_time_of_day(time));
  out.end_array().end_object();
}

std::optional<Problem> read_test(const Json& body, const Node& node, TestSpec& spec) {
  Fields in(body);
  spec.title = in.text("title");
  spec.probe = in.needed_text("probe");
  spec.peer = in.text("peer");
  const std::size_t family = in.word("family", kFamilies, 0);
  spec.family = !in.has("family") ? family_of(node, spec.peer) : family == 1 ? Family::v6 : Family::v4;
  spec.source = in.text("source");
  spec.type_p.dscp = static_cast<std::uint8_t>(in.whole("dscp", 0, 63));
  spec.type_p.payload_octets = static_cast<std::uint32_t>(in.whole("payload_bytes", 0, 65'000));
  spec.options = in.words("options");
  spec.paused = in.flag("paused");
  const ProbeType* type = find_probe(node.probes(), spec.probe);
  if (in.has("schedule"))
    spec.schedule = read_schedule(in);
  else if (type)
    spec.schedule = type->standard_schedule;
  return in.finish();
}

namespace {

/// What a heavy test adds to the sentence: its own part of the slot's day, and the day with all of them.
std::string slot_sentence(double own_seconds, double day_share) {
  char text[160];
  std::snprintf(text, sizeof text,
                " %.0f s a day of the slot for heavy tests; with all of them %.1f %% of the day is taken.", own_seconds,
                100 * day_share);
  return text;
}

/// The day of all heavy tests with `spec` as it is now, in place of what it was.
DayCost day_with(const Node& node, const TestSpec& spec) {
  Config config;
  for (const TestSpec& each : node.snapshot()->config->tests)
    if (each.id != spec.id) config.tests.push_back(each);
  config.tests.push_back(spec);
  return day_cost(config, node.probes());
}

}  // namespace

void write_cost(JsonWriter& out, const Node& node, const TestSpec& spec) {
  const Cost cost = cost_of(node, spec);
  const DiskBudget disk = node.budget(spec);
  const double bound = static_cast<double>(disk.octets), per_day = static_cast<double>(disk.octets_per_day_raw);
  const double slot = slot_seconds_per_day(spec, node.probes());
  const bool heavy = slot > 0 || cost.slot_seconds > 0;
  const DayCost day = heavy ? day_with(node, spec) : DayCost{};
  std::string sentence = with_prefix(cost.packets_per_second, "packets/s") + " on average, " +
                         with_prefix(cost.wire_bps, "bit/s") + " on the wire, " + with_prefix(per_day, "B") +
                         " a day on disk, never more than " + with_prefix(bound, "B") + " in all.";
  if (heavy) sentence += slot_sentence(slot, day.share);
  out.begin_object().field("packets_per_second", cost.packets_per_second).field("wire_bps", cost.wire_bps);
  out.field("disk_bytes_per_day", per_day).field("disk_bytes_bound", bound);
  out.field("slot_seconds_per_day", slot).field("wire_bytes_per_day", wire_bytes_per_day(spec, node.probes()));
  out.field("day_share", day.share).field("overfull", day.share > kMostOfDay ? overfull(day) : "");
  out.field("results_per_day", cost.results_per_day).field("sentence", sentence).end_object();
}

std::string test_sentence(const Node& node, const Config& config, const TestSpec& spec) {
  const ProbeType* type = find_probe(node.probes(), spec.probe);
  std::string sentence = type ? std::string(type->title) : spec.probe;
  if (const Peer* peer = config.peer(spec.peer)) sentence += " to " + (peer->name.empty() ? peer->address : peer->name);
  if (!spec.peer.empty() && spec.family == Family::v6) sentence += " over IPv6";
  // A heavy test's packets over a whole day say nothing of it.
  if (!type || type->footprint == Footprint::light) sentence += packets_text(cost_of(node, spec).packets_per_second);
  sentence += ", " + describe(spec.schedule);
  return spec.paused ? sentence + "; paused" : sentence;
}

std::string path_id(const TestSpec& spec) {
  if (spec.peer.empty()) return "";
  std::string id = spec.peer + (spec.family == Family::v4 ? ".v4" : ".v6");
  if (const auto source = IpAddress::parse(spec.source)) id += "." + to_hex(source->bytes());
  return id;
}

}  // namespace sonde::web
