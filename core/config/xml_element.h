#pragma once

#include <charconv>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/config/text_rules.h"
#include "core/config/xml_document.h"

namespace pugi {
struct xml_node_struct;
}  // namespace pugi

// Private to the files of this folder that know XML: what they read and write elements with.
namespace sonde {

/// Where the attribute stands in the text; where its element does when it is not there.
std::size_t offset_of(std::string_view text, const pugi::xml_node& node, std::string_view attribute);

/// Reads attributes of one element: unknown and doubled ones are refused. Not longer than its document.
class Element {
 public:
  Element(std::string_view text, const pugi::xml_node& node, std::initializer_list<std::string_view> known);
  std::string text(const char* name) const;
  bool has(const char* name) const;
  std::string needed(const char* name) const;
  bool flag(const char* name) const;
  template <typename T>
  T whole(const char* name, T standard) const {
    if (!has(name)) return standard;
    const std::string value = text(name);
    T number{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size())
      fail(name, refusal(name, value, "a whole number from 0 to " + std::to_string(std::numeric_limits<T>::max())));
    return number;
  }
  std::optional<double> number(const char* name) const;
  Duration duration(const char* name) const;
  UtcTime time(const char* name) const;
  [[noreturn]] void fail(std::string_view attribute, std::string sentence) const;

 private:
  std::string_view text_;
  pugi::xml_node_struct* node_;  // owned by the document
};

/// Writes `value`; where it is what a missing attribute means, only if the attribute is there already.
void set_attribute(pugi::xml_node& node, const char* name, const std::string& value, const std::string& standard = "");

}  // namespace sonde
