#include "core/base/utf8.h"

#include <catch2/catch.hpp>

using namespace sonde;

TEST_CASE("well-formed text of every length is valid") {
  CHECK(is_valid_utf8(""));
  CHECK(is_valid_utf8("a\x7f"));
  CHECK(is_valid_utf8(
      "\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
  CHECK(count_characters("a\xc3\xa9\xe6\xbc\xa2") == 3);
}

TEST_CASE("overlong forms, surrogates, lone and missing followers are found where they stand") {
  for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x90\x80",
                          "\xc3"
                          "a"}) {
    CHECK(valid_utf8_prefix(bad) == 0);
    CHECK(valid_utf8_prefix("ab" + std::string(bad) + "c") == 2);
  }
}
