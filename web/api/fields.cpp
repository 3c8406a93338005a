#include "web/api/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/config/text_rules.h"

namespace sonde::web {
namespace {

std::string shown(const Json& json) {
  switch (json.kind) {
    case Json::Kind::null:
      return "null";
    case Json::Kind::boolean:
      return json.boolean ? "true" : "false";
    case Json::Kind::number: {
      JsonWriter out;
      return out.value(json.number).take();
    }
    case Json::Kind::text:
      return json.text;
    case Json::Kind::array:
      return "a list";
    case Json::Kind::object:
      return "an object";
  }
  return {};
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const auto word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

constexpr std::string_view kTime = "a time in UTC, as in 2026-11-21T06:00:00Z";
constexpr std::string_view kDuration = "a time with its unit, as in 10 s, 5 min, 1 h";

}  // namespace

Fields::Fields(const Json& object, std::string prefix) : object_(object), prefix_(std::move(prefix)) {
  if (object_.kind == Json::Kind::object) return;
  const std::string place = prefix_.substr(0, prefix_.empty() ? 0 : prefix_.size() - 1);
  problem_ = Problem{422, place, refusal(place, shown(object_), "an object")};
}

void Fields::refuse(std::string_view name, std::string sentence) {
  if (!problem_) problem_ = Problem{422, path(name), std::move(sentence)};
}

const Json* Fields::find(std::string_view name) {
  asked_.emplace(name);
  const Json* found = object_.find(name);
  return found && found->kind != Json::Kind::null ? found : nullptr;
}

const Json* Fields::find(std::string_view name, Json::Kind kind, std::string_view allowed) {
  const Json* found = find(name);
  if (!found || found->kind == kind) return found;
  refuse(name, refusal(name, shown(*found), allowed));
  return nullptr;
}

bool Fields::has(std::string_view name) { return find(name) != nullptr; }

void Fields::must(std::string_view name) {
  if (!has(name)) refuse(name, std::string(name) + " is missing.");
}

std::string Fields::text(std::string_view name, std::string standard) {
  const Json* found = find(name, Json::Kind::text, "text in quotes");
  return found ? found->text : standard;
}

std::string Fields::needed_text(std::string_view name) {
  must(name);
  return text(name);
}

bool Fields::flag(std::string_view name, bool standard) {
  const Json* found = find(name, Json::Kind::boolean, "true or false");
  return found ? found->boolean : standard;
}

std::int64_t Fields::whole(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t standard) {
  const Json* found = find(name);
  if (!found) return standard;
  if (found->kind == Json::Kind::number && found->integer && *found->integer >= least && *found->integer <= most)
    return *found->integer;
  refuse(name,
         refusal(name, shown(*found), "a whole number from " + std::to_string(least) + " to " + std::to_string(most)));
  return standard;
}

std::optional<double> Fields::number(std::string_view name, double least, double most) {
  const Json* found = find(name);
  if (!found) return std::nullopt;
  if (found->kind == Json::Kind::number && found->number >= least && found->number <= most) return found->number;
  JsonWriter low, high;
  refuse(name,
         refusal(name, shown(*found), "a number from " + low.value(least).take() + " to " + high.value(most).take()));
  return std::nullopt;
}

Duration Fields::duration(std::string_view name) {
  const Json* found = find(name, Json::Kind::text, kDuration);
  if (!found || found->text.empty()) return {};
  const auto value = parse_duration(found->text);
  if (!value) refuse(name, refusal(name, found->text, kDuration));
  return value.value_or(Duration::zero());
}

std::optional<UtcTime> Fields::time(std::string_view name) {
  const Json* found = find(name, Json::Kind::text, kTime);
  if (!found) return std::nullopt;
  const auto value = parse_utc(found->text);
  if (!value) refuse(name, refusal(name, found->text, kTime));
  return value;
}

const Json* Fields::list(std::string_view name, std::size_t most) {
  const Json* found = find(name, Json::Kind::array, "a list");
  if (!found || found->items.size() <= most) return found;
  refuse(name, refusal(name, std::to_string(found->items.size()) + " items", "at most " + std::to_string(most)));
  return nullptr;
}

std::vector<std::string> Fields::texts(std::string_view name, std::size_t most) {
  std::vector<std::string> out;
  const Json* found = list(name, most);
  if (!found) return out;
  for (const Json& item : found->items) {
    if (item.kind != Json::Kind::text) refuse(name, refusal(name, shown(item), "a list of texts"));
    out.push_back(item.text);
  }
  return out;
}

std::size_t Fields::word(std::string_view name, std::span<const std::string_view> words,
                         std::optional<std::size_t> standard) {
  if (!standard) must(name);
  const Json* found = find(name);
  if (!found) return standard.value_or(0);
  const auto at = found->kind == Json::Kind::text ? std::ranges::find(words, found->text) : words.end();
  if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
  refuse(name, refusal(name, shown(*found), "one of " + joined(words)));
  return standard.value_or(0);
}

Fields Fields::object(std::string_view name) {
  static const Json kEmpty{.kind = Json::Kind::object};
  const Json* found = find(name, Json::Kind::object, "an object");
  return Fields(found ? *found : kEmpty, path(name) + ".");
}

std::map<std::string, std::string> Fields::words(std::string_view name) {
  std::map<std::string, std::string> out;
  const Json* found = find(name, Json::Kind::object, "an object of texts");
  if (!found) return out;
  for (const auto& [key, value] : found->members) {
    if (value.kind == Json::Kind::text)
      out.emplace(key, value.text);
    else
      refuse(std::string(name) + "." + key,
             refusal(key, shown(value), "text in quotes, with its unit where it has one"));
  }
  return out;
}

void Fields::join(Fields& inner) {
  if (auto found = inner.finish(); found && !problem_) problem_ = std::move(found);
}

std::optional<Problem> Fields::finish() {
  if (problem_) return problem_;
  for (const auto& [name, value] : object_.members) {
    if (asked_.contains(name)) continue;
    std::string known;
    for (const std::string& each : asked_) known += (known.empty() ? "" : ", ") + each;
    return Problem{422, path(name), refusal("field", name, "only " + known)};
  }
  return std::nullopt;
}

void Query::refuse(std::string_view name, std::string sentence) {
  if (!problem_) problem_ = Problem{422, std::string(name), std::move(sentence)};
}

const std::string* Query::find(std::string_view name) {
  asked_.emplace(name);
  const auto found = query_.find(std::string(name));
  return found == query_.end() ? nullptr : &found->second;
}

std::string Query::text(std::string_view name) {
  const std::string* found = find(name);
  return found ? *found : "";
}

std::optional<UtcTime> Query::time(std::string_view name) {
  const std::string* found = find(name);
  if (!found) return std::nullopt;
  const auto value = parse_utc(*found);
  if (!value) refuse(name, refusal(name, *found, kTime));
  return value;
}

std::int64_t Query::whole(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t standard) {
  const std::string* found = find(name);
  if (!found) return standard;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(found->data(), found->data() + found->size(), value);
  if (error == std::errc{} && end == found->data() + found->size() && value >= least && value <= most) return value;
  refuse(name, refusal(name, *found, "a whole number from " + std::to_string(least) + " to " + std::to_string(most)));
  return standard;
}

std::optional<Duration> Query::duration(std::string_view name) {
  const std::string* found = find(name);
  if (!found) return std::nullopt;
  const auto value = parse_duration(*found);
  if (value && *value > Duration::zero()) return value;
  refuse(name, refusal(name, *found, kDuration));
  return std::nullopt;
}

std::string Query::word(std::string_view name, std::span<const std::string_view> words, std::string standard) {
  const std::string* found = find(name);
  if (!found) return standard;
  if (std::ranges::find(words, *found) == words.end()) refuse(name, refusal(name, *found, "one of " + joined(words)));
  return *found;
}

std::optional<Direction> Query::direction() {
  const std::string text = this->text("direction");
  const auto value = direction_from(text);
  if (!value) refuse("direction", refusal("direction", text, "one of forward, reverse, round_trip, local, none"));
  return value;
}

bool Query::csv() {
  static constexpr std::string_view kFormats[] = {"json", "csv"};
  return word("format", kFormats, "json") == "csv";
}

TimeRange Query::range(UtcTime now) {
  const UtcTime to = time("to").value_or(now);
  const UtcTime from = time("from").value_or(to - std::chrono::hours(24));
  if (from >= to) refuse("from", refusal("from", format_utc(from, 0), "a time before to, " + format_utc(to, 0)));
  return {from, to};
}

std::optional<Problem> Query::finish() {
  if (problem_) return problem_;
  for (const auto& [name, value] : query_)
    if (!asked_.contains(name)) return Problem{422, name, refusal("query parameter", name, "no such name here")};
  return std::nullopt;
}

}  // namespace sonde::web
