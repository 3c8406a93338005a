#include "core/access/limits.h"

#include "core/config/text_rules.h"
#include "web/api/change.h"
#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

constexpr std::string_view kEngines[] = {"owamp", "ping", "twamp", "stamp", "throughput", "*"};

void write_rule(JsonWriter& out, const EngineRule& rule) {
  out.begin_object().field("id", rule.engine + " " + rule.source.text()).field("engine", rule.engine);
  out.field("source", rule.source.text())
      .field("allow", rule.allow)
      .field("packets_per_second", rule.packets_per_second);
  out.field("seconds", rule.seconds)
      .field("seconds_per_hour", rule.seconds_per_hour)
      .field("streams", rule.streams)
      .field("sessions", rule.sessions);
  out.field("bytes_per_day", rule.octets_per_day).end_object();
}

HttpResponse limits_reply(const Snapshot& now) {
  const Config& config = *now.config;
  // a file that is broken without a last good version leaves no table
  const bool lost = !now.config_editable && !config.engine_rules;
  const auto source = lost ? ConfigStore::Source::none : ConfigStore::Source::file;
  const Limits limits(config, source, on_link_networks(now.health.interfaces));
  static constexpr std::string_view kStates[] = {"no configuration yet", "configured", "absent"};
  const bool last_good = !now.config_editable && limits.state() == Limits::State::configured;
  JsonWriter out;
  out.begin_object().field("state", last_good ? "last good" : kStates[static_cast<int>(limits.state())]);
  out.field("sentence", last_good ? now.config_sentence : limits.sentence()).key("items").begin_array();
  for (const EngineRule& rule : config.engine_rules.value_or(std::vector<EngineRule>{})) write_rule(out, rule);
  out.end_array().end_object();
  return with_etag(json_reply(std::move(out)), now.config_revision);
}

HttpResponse get_limits(Call& call) { return limits_reply(*call.now); }

EngineRule read_rule(Fields& in) {
  EngineRule rule;
  rule.engine = kEngines[in.word("engine", kEngines)];
  const std::string source = in.needed_text("source");
  if (const auto prefix = Prefix::parse(source))
    rule.source = *prefix;
  else
    in.refuse("source", refusal("source", source, "a prefix without host bits, as in 192.0.2.0/24 or 2001:db8::/32"));
  in.must("allow");
  rule.allow = in.flag("allow");
  constexpr std::int64_t k32 = 0xffff'ffff;
  rule.packets_per_second = static_cast<std::uint32_t>(in.whole("packets_per_second", 0, k32, rule.packets_per_second));
  rule.seconds = static_cast<std::uint32_t>(in.whole("seconds", 0, k32, rule.seconds));
  rule.seconds_per_hour = static_cast<std::uint32_t>(in.whole("seconds_per_hour", 0, k32, rule.seconds_per_hour));
  rule.streams = static_cast<std::uint32_t>(in.whole("streams", 0, k32, rule.streams));
  rule.sessions = static_cast<std::uint32_t>(in.whole("sessions", 0, k32, rule.sessions));
  rule.octets_per_day = static_cast<std::uint64_t>(
      in.whole("bytes_per_day", 0, 1'000'000'000'000'000, static_cast<std::int64_t>(rule.octets_per_day)));
  return rule;
}

std::optional<Problem> read_rules(const Json& body, std::vector<EngineRule>& rules) {
  Fields in(body);
  in.must("items");
  const Json* list = in.list("items", kMostRules);
  for (std::size_t i = 0; list && i < list->items.size(); ++i) {
    Fields item(list->items[i], "items." + std::to_string(i) + ".");
    rules.push_back(read_rule(item));
    in.join(item);
  }
  return in.finish();
}

HttpResponse change_limits(Call& call) {
  const Precondition condition = if_match(call.request);
  if (condition.refusal) return *condition.refusal;
  std::vector<EngineRule> rules;
  if (auto wrong = read_rules(call.body, rules)) return problem(*wrong);
  auto refusal = apply(call, "engines", condition.revision, [rules](Config& config) -> std::optional<Problem> {
    config.engine_rules = rules;
    return std::nullopt;
  });
  return refusal ? *refusal : limits_reply(*call.node().snapshot());
}

constexpr Route kRoutes[] = {
    {"GET", "/limits", Needs::viewer, get_limits},
    {"PUT", "/limits", Needs::administrator, change_limits, Route::Body::json},
};

}  // namespace

std::span<const Route> limit_routes() { return kRoutes; }

}  // namespace sonde::web
