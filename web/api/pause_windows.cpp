#include "core/config/text_rules.h"
#include "web/api/change.h"
#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

HttpResponse pauses_reply(const Snapshot& now) {
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const PauseWindow& pause : now.config->pauses) {
    out.begin_object().field("name", pause.name).field("begin", format_time_of_day(pause.begin));
    out.field("end", format_time_of_day(pause.end)).field("days", format_days(pause.days));
    out.field("sentence", "Nobody measures from " + describe(pause) + ".").end_object();
  }
  out.end_array().end_object();
  return with_etag(json_reply(std::move(out)), now.config_revision);
}

HttpResponse get_pauses(Call& call) { return pauses_reply(*call.now); }

TimeOfDay read_time(Fields& in, std::string_view name) {
  const std::string text = in.needed_text(name);
  const auto time = parse_time_of_day(text);
  if (!time) in.refuse(name, refusal(name, text, "a time of day in UTC, as in 02:00 or 14:30"));
  return time.value_or(TimeOfDay{});
}

PauseWindow read_pause(Fields& in) {
  PauseWindow pause;
  pause.name = in.text("name");
  pause.begin = read_time(in, "begin");
  pause.end = read_time(in, "end");
  const std::string days = in.text("days", "daily");
  if (const auto read = parse_days(days))
    pause.days = *read;
  else
    in.refuse("days", refusal("days", days, "daily, or days as in Mon,Tue,Sun, each once"));
  return pause;
}

std::optional<Problem> read_pauses(const Json& body, std::vector<PauseWindow>& pauses) {
  Fields in(body);
  in.must("items");
  const Json* list = in.list("items", kMostPauseWindows);
  for (std::size_t i = 0; list && i < list->items.size(); ++i) {
    Fields item(list->items[i], "items." + std::to_string(i) + ".");
    pauses.push_back(read_pause(item));
    in.join(item);
  }
  return in.finish();
}

HttpResponse change_pauses(Call& call) {
  const Precondition condition = if_match(call.request);
  if (condition.refusal) return *condition.refusal;
  std::vector<PauseWindow> pauses;
  if (auto wrong = read_pauses(call.body, pauses)) return problem(*wrong);
  auto refusal = apply(call, "pauses", condition.revision, [pauses](Config& config) -> std::optional<Problem> {
    config.pauses = pauses;
    return std::nullopt;
  });
  return refusal ? *refusal : pauses_reply(*call.node().snapshot());
}

constexpr Route kRoutes[] = {
    {"GET", "/pause-windows", Needs::viewer, get_pauses},
    {"PUT", "/pause-windows", Needs::operator_, change_pauses, Route::Body::json},
};

}  // namespace

std::span<const Route> pause_window_routes() { return kRoutes; }

}  // namespace sonde::web
