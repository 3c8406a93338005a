#include "core/config/text_rules.h"

#include <algorithm>

#include "core/base/utf8.h"
#include "core/net/address.h"

namespace sonde {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// C1 controls and the marks that turn the direction of text: they make a name look like another.
bool has_hidden_characters(std::string_view text) {
  for (const std::string_view hidden : {"\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae",
                                        "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9", "\xe2\x80\xa8",
                                        "\xe2\x80\xa9", "\xe2\x80\x8b", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xef\xbb\xbf"})
    if (text.find(hidden) != std::string_view::npos) return true;
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    if (text[i] == '\xc2' && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  return false;
}

bool has_outer_blank(std::string_view text) {
  const auto is_blank_at = [&](std::size_t i) { return text[i] == ' ' || text[i] == '\t'; };
  if (text.empty()) return false;
  return is_blank_at(0) || is_blank_at(text.size() - 1) || text.starts_with("\xc2\xa0") || text.ends_with("\xc2\xa0");
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_host_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > 253) return false;
  std::string_view last;
  for (std::string_view rest = text;;) {
    const auto dot = rest.find('.');
    last = rest.substr(0, dot);
    if (!is_label(last)) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  // "192.0.2.300" and "10.1" are mistyped addresses, not names
  return !std::ranges::all_of(last, is_digit);
}

std::string_view blank_hint(std::string_view text) {
  return text.find_first_of(" \t") != std::string_view::npos ? ", without blanks before, in or after it" : "";
}

}  // namespace

std::string exact_duration(Duration duration) {
  static constexpr std::pair<std::int64_t, const char*> kUnits[] = {{86'400'000'000'000, " d"},
                                                                    {3'600'000'000'000, " h"},
                                                                    {60'000'000'000, " min"},
                                                                    {1'000'000'000, " s"},
                                                                    {1'000'000, " ms"},
                                                                    {1'000, " µs"},
                                                                    {1, " ns"}};
  if (duration == Duration::zero()) return "0 s";
  for (const auto& [size, name] : kUnits)
    if (duration.count() % size == 0) return std::to_string(duration.count() / size) + name;
  return "0 s";
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(",\r\n"), text.size());
    std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    part.remove_prefix(std::min(part.find_first_not_of(" \t"), part.size()));
    part = part.substr(0, part.find_last_not_of(" \t") + 1);
    if (!part.empty()) out.emplace_back(part);
  }
  return out;
}

std::string refusal(std::string_view field, std::string_view value, std::string_view allowed) {
  constexpr std::size_t kMost = 60;
  std::string shown;
  for (const char c : value.substr(0, valid_utf8_prefix(value.substr(0, kMost)))) shown += is_control(c) ? '?' : c;
  if (shown.size() < value.size()) shown += "…";
  const auto dot = field.rfind('.');
  return std::string(dot == std::string_view::npos ? field : field.substr(dot + 1)) + " \"" + shown +
         "\": allowed is " + std::string(allowed) + ".";
}

std::string check_line(std::string_view field, std::string_view text, std::size_t most) {
  if (!is_valid_utf8(text)) return refusal(field, text, "text in UTF-8");
  if (std::ranges::any_of(text, is_control) || has_hidden_characters(text))
    return refusal(field, text, "one line without control characters");
  if (has_outer_blank(text)) return refusal(field, text, "text without blanks at its begin or end");
  if (count_characters(text) > most) return refusal(field, text, "at most " + std::to_string(most) + " characters");
  return {};
}

std::string check_host(std::string_view field, std::string_view text) {
  if (IpAddress::parse(text) || is_host_name(text)) return {};
  return refusal(field, text,
                 "a host name, as in gva-2.example.org, or an address, as in 192.0.2.7 or 2001:db8::7" +
                     std::string(blank_hint(text)));
}

std::string check_host_name(std::string_view field, std::string_view text) {
  if (is_host_name(text)) return {};
  return refusal(field, text, "a host name, as in gva-2.example.org" + std::string(blank_hint(text)));
}

std::string check_id(std::string_view field, std::string_view text) {
  const bool ok = !text.empty() && text.size() <= 32 && text.front() != '-' &&
                  std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
  return ok ? "" : refusal(field, text, "1 to 32 characters of a-z, 0-9 and -");
}

std::string check_mail(std::string_view field, std::string_view text) {
  if (text.empty()) return {};
  if (auto sentence = check_line(field, text, 254); !sentence.empty()) return sentence;
  const auto at = text.find('@');
  const bool ok = at != std::string_view::npos && at > 0 && text.find('@', at + 1) == std::string_view::npos &&
                  text.find_first_of(" <>,;\"") == std::string_view::npos && is_host_name(text.substr(at + 1));
  return ok ? "" : refusal(field, text, "an e-mail address, as in noc@example.org, or nothing");
}

}  // namespace sonde
