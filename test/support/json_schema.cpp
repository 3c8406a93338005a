#include "test/support/json_schema.h"

#include <algorithm>
#include <set>

#include "core/base/time.h"
#include "core/base/utf8.h"

namespace sonde::test {
namespace {

using Complaints = std::vector<std::string>;

std::string type_of(const Json& value) {
  static constexpr const char* kNames[] = {"null", "boolean", "number", "string", "array", "object"};
  return kNames[static_cast<int>(value.kind)];
}

bool is_type(const Json& value, const std::string& type) {
  return type_of(value) == type || (type == "integer" && value.kind == Json::Kind::number && value.integer.has_value());
}

bool same(const Json& a, const Json& b) {
  return a.kind == b.kind && a.text == b.text && a.number == b.number && a.boolean == b.boolean;
}

void check_type(const Json& type, const Json& value, const std::string& place, Complaints& out) {
  const bool fits = type.kind == Json::Kind::text
                        ? is_type(value, type.text)
                        : std::ranges::any_of(type.items, [&](const Json& each) { return is_type(value, each.text); });
  if (!fits) out.push_back(place + " is " + type_of(value));
}

void check_object(const Json& schema, const Json& value, const Json& root, const std::string& place, Complaints& out) {
  if (value.kind != Json::Kind::object) return;
  const Json* properties = schema.find("properties");
  const Json* more = schema.find("additionalProperties");
  if (const Json* required = schema.find("required"))
    for (const Json& name : required->items)
      if (!value.find(name.text)) out.push_back(place + " lacks " + name.text);
  for (const auto& [name, member] : value.members) {
    const Json* known = properties ? properties->find(name) : nullptr;
    const bool closed = more && more->kind == Json::Kind::boolean && !more->boolean;
    if (!known && closed) out.push_back(place + " has " + name);
    if (!known && more && more->kind == Json::Kind::object) known = more;
    if (!known) continue;
    for (auto& each : complaints(*known, member, root, place + "." + name)) out.push_back(std::move(each));
  }
}

void check_bounds(const Json& schema, const Json& value, const std::string& place, Complaints& out) {
  const auto bound = [&](const char* name) { return schema.find(name); };
  const bool number = value.kind == Json::Kind::number, text = value.kind == Json::Kind::text;
  const double size = text ? static_cast<double>(count_characters(value.text)) : 0;
  if (number && bound("minimum") && value.number < bound("minimum")->number) out.push_back(place + " is too small");
  if (number && bound("maximum") && value.number > bound("maximum")->number) out.push_back(place + " is too large");
  if (text && bound("minLength") && size < bound("minLength")->number) out.push_back(place + " is too short");
  if (text && bound("maxLength") && size > bound("maxLength")->number) out.push_back(place + " is too long");
  if (text && bound("format") && !parse_utc(value.text)) out.push_back(place + " is no time: " + value.text);
}

void check_keywords(const Json& schema, const std::string& place, Complaints& out) {
  static const std::set<std::string> kKnown = {"type",    "properties",  "required",        "additionalProperties",
                                               "items",   "enum",        "anyOf",           "$ref",
                                               "minimum", "maximum",     "minLength",       "maxLength",
                                               "format",  "description", "contentMediaType"};
  for (const auto& [name, member] : schema.members)
    if (!kKnown.contains(name)) out.push_back(place + ": the schema uses " + name);
}

}  // namespace

const Json* resolve(const Json& root, const std::string& reference) {
  const Json* at = &root;
  std::size_t begin = reference.find('/');
  while (at && begin != std::string::npos) {
    const std::size_t end = reference.find('/', begin + 1);
    at = at->find(reference.substr(begin + 1, end == std::string::npos ? end : end - begin - 1));
    begin = end;
  }
  return at;
}

std::vector<std::string> complaints(const Json& schema, const Json& value, const Json& root, const std::string& place) {
  Complaints out;
  check_keywords(schema, place, out);
  if (const Json* reference = schema.find("$ref")) {
    const Json* target = resolve(root, reference->text);
    if (!target) return {place + ": " + reference->text + " is nowhere"};
    return complaints(*target, value, root, place);
  }
  if (const Json* any = schema.find("anyOf")) {
    for (const Json& each : any->items) {
      auto inner = complaints(each, value, root, place);
      if (inner.empty()) return out;
      if (&each == &any->items.front() && value.kind != Json::Kind::null) out = inner;
    }
    if (out.empty()) out.push_back(place + " fits none of anyOf");
    return out;
  }
  if (const Json* type = schema.find("type")) check_type(*type, value, place, out);
  if (const Json* words = schema.find("enum"))
    if (std::ranges::none_of(words->items, [&](const Json& each) { return same(each, value); }))
      out.push_back(place + " is not one of the words: " + value.text);
  check_bounds(schema, value, place, out);
  check_object(schema, value, root, place, out);
  const Json* items = schema.find("items");
  for (std::size_t i = 0; items && value.kind == Json::Kind::array && i < value.items.size(); ++i)
    for (auto& each : complaints(*items, value.items[i], root, place + "[" + std::to_string(i) + "]"))
      out.push_back(std::move(each));
  return out;
}

}  // namespace sonde::test
