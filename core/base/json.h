#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sonde {

/// A JSON value as a stranger sent it. Members keep their order; names are unique.
struct Json {
  enum class Kind : std::uint8_t { null, boolean, number, text, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  double number = 0;
  std::optional<std::int64_t> integer;  ///< of a number that is whole and fits
  std::string text;
  std::vector<Json> items;
  std::vector<std::pair<std::string, Json>> members;

  const Json* find(std::string_view name) const;  ///< null when absent
};

struct JsonParsed {
  std::optional<Json> value;
  std::string sentence;  ///< why there is none
};
/// Strict: one value, UTF-8, no comments, no NUL, no name twice in an object, at most 32 deep. Never throws.
JsonParsed parse_json(std::string_view text);

/// Appends JSON text in order. Commas come by themselves; numbers that are not finite become null; text that is not
/// UTF-8 has its bad bytes replaced, so that what is written is always valid.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool yes) { return word(yes ? "true" : "false"); }
  JsonWriter& value(double number);
  template <typename T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) JsonWriter& value(T number) {
    return word(std::to_string(number));
  }
  template <typename T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  JsonWriter& null() { return word("null"); }
  /// A whole value already in JSON.
  JsonWriter& raw(std::string_view json) { return word(json); }
  template <typename T>
  JsonWriter& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }
  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& word(std::string_view text);
  void separate();
  std::string out_;
  bool first_ = true;
};

}  // namespace sonde
