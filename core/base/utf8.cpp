#include "core/base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace sonde {
namespace {

struct Lead {
  std::size_t following = 0;
  std::uint8_t least = 0x80, most = 0xbf;  // of the second byte: keeps out overlong forms and surrogates
  bool valid = true;
};

Lead lead(std::uint8_t c) {
  if (c < 0x80) return {};
  if (c >= 0xc2 && c <= 0xdf) return {1};
  if (c == 0xe0) return {2, 0xa0};
  if (c == 0xed) return {2, 0x80, 0x9f};
  if (c >= 0xe1 && c <= 0xef) return {2};
  if (c == 0xf0) return {3, 0x90};
  if (c >= 0xf1 && c <= 0xf3) return {3};
  if (c == 0xf4) return {3, 0x80, 0x8f};
  return {0, 0, 0, false};
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::size_t at = 0;
  while (at < text.size()) {
    const Lead first = lead(byte(at));
    if (!first.valid || text.size() - at <= first.following) return at;
    for (std::size_t i = 1; i <= first.following; ++i) {
      const auto least = i == 1 ? first.least : 0x80, most = i == 1 ? first.most : 0xbf;
      if (byte(at + i) < least || byte(at + i) > most) return at;
    }
    at += first.following + 1;
  }
  return at;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace sonde
