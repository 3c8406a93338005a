#include "core/base/base64.h"

#include <catch2/catch.hpp>

#include <string>

namespace sonde {

TEST_CASE("Base64 of RFC 4648 §10, there and back") {
  static constexpr const char* kPairs[][2] = {{"", ""},
                                              {"f", "Zg=="},
                                              {"fo", "Zm8="},
                                              {"foo", "Zm9v"},
                                              {"foob", "Zm9vYg=="},
                                              {"fooba", "Zm9vYmE="},
                                              {"foobar", "Zm9vYmFy"}};
  for (const auto& [octets, text] : kPairs) {
    CHECK(to_base64(std::string(octets)) == text);
    CHECK(from_base64(text) == std::string(octets));
  }
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(from_base64(to_base64(all)) == all);
}

TEST_CASE("what is no Base64 is not taken for some") {
  for (const char* text : {"Z", "Zg", "Zg=", "Zm9v\n", " Zm9vYg", "Zm9v Zm9vYg=", "Zm9*", "\xff\xff\xff\xff"})
    CHECK_FALSE(from_base64(text));
}

}  // namespace sonde
