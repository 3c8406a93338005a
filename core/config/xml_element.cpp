#include "core/config/xml_element.h"

#include <algorithm>
#include <pugixml.hpp>
#include <set>

#include "core/config/config_format.h"

namespace sonde {

std::size_t offset_of(std::string_view text, const pugi::xml_node& node, std::string_view attribute) {
  const std::size_t start = offset_of(node);
  std::size_t at = std::min(text.find_first_of(" \t\r\n/>", start), text.size());
  while (at < text.size()) {
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    if (at >= text.size() || text[at] == '>' || text[at] == '/') break;
    const std::size_t end = std::min(text.find_first_of("= \t\r\n", at), text.size());
    if (text.substr(at, end - at) == attribute) return at;
    const std::size_t quote = std::min(text.find_first_of("\"'", end), text.size());
    if (quote >= text.size()) break;
    at = std::min(text.find(text[quote], quote + 1), text.size() - 1) + 1;
  }
  return start;
}

Element::Element(std::string_view text, const pugi::xml_node& node, std::initializer_list<std::string_view> known)
    : text_(text), node_(node.internal_object()) {
  std::set<std::string_view> seen;
  for (const pugi::xml_attribute attribute : node.attributes()) {
    const std::string_view name = attribute.name();
    if (std::ranges::find(known, name) == known.end() && !is_of_later_format(node)) {
      std::string names;
      for (const auto each : known) names += (names.empty() ? "" : ", ") + std::string(each);
      fail(name, refusal(name, attribute.value(), "only " + names + " in <" + node.name() + ">"));
    }
    if (!seen.insert(name).second) fail(name, refusal(name, attribute.value(), "each attribute once"));
  }
}

std::string Element::text(const char* name) const { return pugi::xml_node(node_).attribute(name).value(); }

bool Element::has(const char* name) const { return !pugi::xml_node(node_).attribute(name).empty(); }

std::string Element::needed(const char* name) const {
  if (!has(name)) fail(name, std::string("<") + pugi::xml_node(node_).name() + "> needs the attribute " + name + ".");
  return text(name);
}

bool Element::flag(const char* name) const {
  const std::string value = text(name);
  if (value != "" && value != "yes" && value != "no") fail(name, refusal(name, value, "yes or no"));
  return value == "yes";
}

std::optional<double> Element::number(const char* name) const {
  if (!has(name)) return {};
  const std::string value = text(name);
  double number{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) fail(name, refusal(name, value, "a number"));
  return number;
}

Duration Element::duration(const char* name) const {
  if (!has(name)) return {};
  const auto value = parse_duration(text(name));
  if (!value) fail(name, refusal(name, text(name), "a time with its unit, as in 10 s, 5 min, 1 h"));
  return *value;
}

UtcTime Element::time(const char* name) const {
  const auto value = parse_utc(needed(name));
  if (!value) fail(name, refusal(name, text(name), "a time in UTC, as in 2026-11-21T06:00:00Z"));
  return *value;
}

void set_attribute(pugi::xml_node& node, const char* name, const std::string& value, const std::string& standard) {
  pugi::xml_attribute attribute = node.attribute(name);
  if (!attribute && value == standard) return;
  if (!attribute) attribute = node.append_attribute(name);
  attribute.set_value(value.c_str());
}

void Element::fail(std::string_view attribute, std::string sentence) const {
  throw XmlRefused{offset_of(text_, pugi::xml_node(node_), attribute), std::move(sentence)};
}

}  // namespace sonde
