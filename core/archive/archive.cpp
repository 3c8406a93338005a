#include "core/archive/archive.h"

#include <charconv>

#include "core/base/bytes.h"

namespace sonde {
namespace {

/// The part before the next dot; the rest keeps what follows it.
std::optional<std::string_view> take_part(std::string_view& rest) {
  const auto dot = rest.find('.');
  if (dot == 0 || dot == std::string_view::npos) return std::nullopt;
  const auto part = rest.substr(0, dot);
  rest.remove_prefix(dot + 1);
  return part;
}

bool is_key(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._") == std::string_view::npos;
}

}  // namespace

// A metric's key holds dots itself, so a subject is set off by a tilde: it is as safe in a URL.
std::string SeriesKey::id() const {
  std::string text = test + '.' + std::to_string(revision) + '.' + std::string(to_string(direction)) + '.' + metric;
  if (!subject.empty()) text += '~' + to_hex(as_bytes(subject));
  return text;
}

std::optional<SeriesKey> SeriesKey::from_id(std::string_view id) {
  SeriesKey key;
  const auto test = take_part(id), revision = take_part(id), direction = take_part(id);
  if (!test || !revision || !direction) return std::nullopt;
  const auto [end, error] = std::from_chars(revision->data(), revision->data() + revision->size(), key.revision);
  const auto known = direction_from(*direction);
  if (error != std::errc{} || end != revision->data() + revision->size() || !known) return std::nullopt;
  const auto tilde = id.find('~');
  if (!is_key(id.substr(0, tilde))) return std::nullopt;
  if (tilde != std::string_view::npos) {
    const Bytes subject = from_hex(id.substr(tilde + 1));
    if (subject.empty()) return std::nullopt;
    key.subject.assign(reinterpret_cast<const char*>(subject.data()), subject.size());
  }
  key.test = *test;
  key.direction = *known;
  key.metric = id.substr(0, tilde);
  return key;
}

}  // namespace sonde
