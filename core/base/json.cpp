#include "core/base/json.h"

#include <Poco/JSON/Handler.h>
#include <Poco/JSON/JSONException.h>
#include <Poco/JSON/Parser.h>

#include <array>
#include <charconv>
#include <cmath>

#include "core/base/utf8.h"

namespace sonde {
namespace {

constexpr std::size_t kMostDepth = 32;

/// Builds our value from the parser's events. What it does not like it says by throwing Poco's own exception,
/// which parse_json catches.
class Builder : public Poco::JSON::Handler {
 public:
  Json take() { return std::move(root_); }
  void reset() override {}
  void startObject() override { enter(Json::Kind::object); }
  void endObject() override { open_.pop_back(); }
  void startArray() override { enter(Json::Kind::array); }
  void endArray() override { open_.pop_back(); }
  void key(const std::string& name) override {
    if (open_.back()->find(name)) throw Poco::JSON::JSONException("the name \"" + name + "\" stands twice");
    name_ = name;
  }
  void null() override { add({}); }
  void value(int number) override { add_integer(number); }
  void value(unsigned number) override { add_integer(number); }
  void value(Poco::Int64 number) override { add_integer(number); }
  void value(Poco::UInt64 number) override { add_number(static_cast<double>(number)); }
  void value(double number) override { add_number(number); }
  void value(const std::string& text) override {
    if (text.find('\0') != std::string::npos) throw Poco::JSON::JSONException("a text holds a NUL character");
    Json json;
    json.kind = Json::Kind::text;
    json.text = text;
    add(std::move(json));
  }
  void value(bool yes) override {
    Json json;
    json.kind = Json::Kind::boolean;
    json.boolean = yes;
    add(std::move(json));
  }

 private:
  void add_integer(std::int64_t number) {
    Json json;
    json.kind = Json::Kind::number;
    json.number = static_cast<double>(number);
    json.integer = number;
    add(std::move(json));
  }
  void add_number(double number) {
    if (!std::isfinite(number)) throw Poco::JSON::JSONException("a number is too large");
    Json json;
    json.kind = Json::Kind::number;
    json.number = number;
    if (number == std::floor(number) && std::abs(number) < 9e15) json.integer = static_cast<std::int64_t>(number);
    add(std::move(json));
  }
  Json* add(Json json) {
    if (open_.empty()) {
      root_ = std::move(json);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.kind == Json::Kind::array) return &parent.items.emplace_back(std::move(json));
    return &parent.members.emplace_back(std::move(name_), std::move(json)).second;
  }
  /// Pointers stay valid: a parent's vector grows only while none of its children is open.
  void enter(Json::Kind kind) {
    if (open_.size() >= kMostDepth) throw Poco::JSON::JSONException("it is nested deeper than 32");
    Json json;
    json.kind = kind;
    open_.push_back(add(std::move(json)));
  }

  Json root_;
  std::vector<Json*> open_;
  std::string name_;
};

}  // namespace

const Json* Json::find(std::string_view name) const {
  for (const auto& [key, value] : members)
    if (key == name) return &value;
  return nullptr;
}

JsonParsed parse_json(std::string_view text) {
  const std::size_t valid = valid_utf8_prefix(text);
  if (valid != text.size()) return {{}, "The body is not UTF-8: byte " + std::to_string(valid) + " is wrong."};
  Poco::SharedPtr<Builder> builder(new Builder);
  try {
    Poco::JSON::Parser parser(builder);
    parser.setDepth(kMostDepth);
    parser.parse(std::string(text));
    return {builder->take(), {}};
  } catch (const Poco::Exception& error) {
    return {{}, "The body is not JSON: " + error.message() + "."};
  } catch (const std::exception& error) {
    return {{}, "The body is not JSON: " + std::string(error.what()) + "."};
  }
}

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::word(std::string_view text) {
  separate();
  out_ += text;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  value(name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  return word(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

JsonWriter& JsonWriter::value(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  separate();
  out_ += '"';
  while (!text.empty()) {
    const std::size_t valid = valid_utf8_prefix(text);
    for (const char c : text.substr(0, valid)) {
      const auto u = static_cast<unsigned char>(c);
      // '<' and U+007F are escaped so that the text is harmless wherever it is pasted
      if (u < 0x20 || u == 0x7f || c == '<') {
        out_ += "\\u00";
        out_ += kHex[u >> 4];
        out_ += kHex[u & 15];
      } else {
        if (c == '"' || c == '\\') out_ += '\\';
        out_ += c;
      }
    }
    text.remove_prefix(valid);
    if (!text.empty()) {
      out_ += "\xef\xbf\xbd";
      text.remove_prefix(1);
    }
  }
  out_ += '"';
  return *this;
}

}  // namespace sonde
