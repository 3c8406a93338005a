#include "core/base/json.h"

#include <catch2/catch.hpp>
#include <limits>

#include "core/base/random.h"

using namespace sonde;

namespace {
bool refused(std::string_view text) {
  const auto parsed = parse_json(text);
  return !parsed.value && !parsed.sentence.empty();
}
}  // namespace

TEST_CASE("JSON is read into kinds, whole numbers apart from others") {
  const auto parsed = parse_json(R"({"a": [1, 2.5, "x\u00e9", true, null], "b": {"c": -7}, "d": 3e2})");
  REQUIRE(parsed.value);
  const Json& root = *parsed.value;
  REQUIRE(root.find("a")->items.size() == 5);
  CHECK(root.find("a")->items[0].integer == 1);
  CHECK_FALSE(root.find("a")->items[1].integer);
  CHECK(root.find("a")->items[1].number == 2.5);
  CHECK(root.find("a")->items[2].text == "x\xc3\xa9");
  CHECK(root.find("a")->items[3].boolean);
  CHECK(root.find("a")->items[4].kind == Json::Kind::null);
  CHECK(root.find("b")->find("c")->integer == -7);
  CHECK(root.find("d")->integer == 300);
  CHECK(root.find("z") == nullptr);
}

TEST_CASE("what is not strictly JSON is refused with a sentence") {
  for (const char* text :
       {"",          " ",   "{",       "}",         "[1,]",    "{\"a\":1,}", "{a:1}",    "{'a':1}",  "[1] [2]",
        "[1]x",      "nul", "01",      "+1",        ".5",      "1.",         "NaN",      "Infinity", "[1 2]",
        "{\"a\" 1}", "\"a", "\"\\x\"", "\"\\u12\"", "// c\n1", "/* c */ 1",  "\"a\nb\"", "1e999"})
    CHECK(refused(text));
}

TEST_CASE("a name that stands twice in an object is refused") { CHECK(refused(R"({"a": 1, "b": 2, "a": 3})")); }

TEST_CASE("NUL, as a byte or as an escape, is refused") {
  CHECK(refused(std::string_view("{\"a\": \"\\u0000\"}")));
  CHECK(refused(std::string_view("{\"a\": \"x\0y\"}", 12)));
  CHECK(refused(std::string_view("{\"a\": 1}\0", 9)));
}

TEST_CASE("bytes that are not UTF-8 are refused") {
  for (const char* bad :
       {"\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"\\ud800\""})
    CHECK(refused(bad));
}

TEST_CASE("nesting is read 32 deep and refused at 33, and at a million") {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  CHECK(parse_json(nested(32)).value);
  CHECK(refused(nested(33)));
  CHECK(refused(std::string(1'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK(refused(objects));
}

TEST_CASE("flipped and cut bytes never do more than be refused") {
  const std::string good = R"({"title": "a \"b\" \u00e9", "n": [1, -2.5e3, true, false, null, {"x": {}}], "m": ""})";
  const auto random = seeded_random(7);
  for (std::size_t cut = 0; cut < good.size(); ++cut) CHECK(refused(good.substr(0, cut)));
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = good;
    for (std::uint64_t n = random->below(4) + 1; n > 0; --n)
      bad[random->below(bad.size())] = static_cast<char>(random->next());
    const auto parsed = parse_json(bad);
    CHECK(parsed.value.has_value() == parsed.sentence.empty());
  }
}

TEST_CASE("what is written reads back the same") {
  JsonWriter out;
  const std::string text = "quote \" slash \\ line \n tab \t < \x7f é 漢";
  out.begin_object().field("text", text).field("n", 0.1).field("i", std::uint64_t{9007199254740991}).field("b", false);
  out.key("list").begin_array().value(1).null().begin_object().end_object().value("x").end_array();
  out.field("none", std::optional<double>{}).field("raw", true).end_object();
  const auto parsed = parse_json(out.text());
  REQUIRE(parsed.value);
  CHECK(parsed.value->find("text")->text == text);
  CHECK(parsed.value->find("n")->number == 0.1);
  CHECK(parsed.value->find("i")->integer == 9007199254740991);
  CHECK(parsed.value->find("list")->items.size() == 4);
  CHECK(parsed.value->find("none")->kind == Json::Kind::null);
}

TEST_CASE("numbers that are not finite are written as null and bad UTF-8 as the replacement character") {
  JsonWriter out;
  out.begin_array().value(std::numeric_limits<double>::quiet_NaN()).value(std::numeric_limits<double>::infinity());
  out.value("a\xff").end_array();
  CHECK(out.text() == "[null,null,\"a\xef\xbf\xbd\"]");
}
