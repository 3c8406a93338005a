#include "appliance/as_table.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/base/utf8.h"

namespace sonde {
namespace {

constexpr std::size_t kLongestName = 80, kShownOfALine = 60;

struct Line {
  Prefix prefix;
  AsTable::System system;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '"')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '"' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// Up to the next comma, which is taken off `rest` too.
std::string_view field(std::string_view& rest) {
  const auto comma = rest.find(',');
  const std::string_view head = rest.substr(0, comma);
  rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  return trimmed(head);
}

std::optional<Line> parse_line(std::string_view text) {
  Line line;
  const auto prefix = Prefix::parse(field(text));
  std::string_view number = field(text);
  if (number.starts_with("AS") || number.starts_with("as")) number.remove_prefix(2);
  const char* const end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, line.system.number);
  const std::string_view name = trimmed(text);
  if (!prefix || number.empty() || error != std::errc{} || stop != end || name.size() > kLongestName ||
      !is_valid_utf8(name))
    return std::nullopt;
  line.prefix = *prefix;
  line.system.name = name;
  return line;
}

std::string told(std::size_t wrong, std::size_t first, std::string_view line) {
  const bool printable = std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; });
  return std::to_string(wrong) + (wrong == 1 ? " line of as.csv is" : " lines of as.csv are") +
         " left out; the first is line " + std::to_string(first) +
         (printable ? ": \"" + std::string(line.substr(0, kShownOfALine)) + "\"" : "") +
         ". A line is prefix,number,name as in 192.0.2.0/24,64500,Example Net, with no host bits set.";
}

/// The first `length` bits of an address, as a network.
IpAddress network_of(const IpAddress& address, int length) {
  std::array<std::byte, 16> bytes{};
  std::ranges::copy(address.bytes(), bytes.begin());
  for (int bit = length; bit < static_cast<int>(address.bytes().size() * 8); ++bit)
    bytes[static_cast<std::size_t>(bit / 8)] &= ~(std::byte{0x80} >> bit % 8);
  const std::span<const std::byte, 16> all(bytes);
  return address.family() == Family::v4 ? IpAddress::v4(all.first<4>()) : IpAddress::v6(all);
}

}  // namespace

AsTable AsTable::parse(std::string_view text, std::string& complaint) {
  AsTable table;
  std::map<System, std::uint32_t> known;
  std::size_t wrong = 0, first = 0, number = 0;
  std::string_view first_line;
  while (!text.empty()) {
    const auto feed = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, feed));
    text = feed == std::string_view::npos ? std::string_view{} : text.substr(feed + 1);
    ++number;
    if (line.empty() || line.front() == '#' || (number == 1 && line.starts_with("prefix,"))) continue;
    auto parsed = table.prefixes_.size() < kMostPrefixes ? parse_line(line) : std::nullopt;
    if (!parsed) {
      if (wrong++ == 0) {
        first = number;
        first_line = line;
      }
      continue;
    }
    const auto next = static_cast<std::uint32_t>(known.size());
    const auto [system, fresh] = known.emplace(std::move(parsed->system), next);
    if (fresh) table.systems_.push_back(system->first);
    table.prefixes_.push_back({parsed->prefix, system->second});
  }
  std::ranges::stable_sort(table.prefixes_, {}, &Entry::prefix);
  if (wrong > 0) complaint = told(wrong, first, first_line);
  return table;
}

std::optional<AsTable::System> AsTable::find(const IpAddress& address) const {
  for (int length = static_cast<int>(address.bytes().size() * 8); length >= 0; --length) {
    const Prefix wanted{network_of(address, length), length};
    const auto found = std::ranges::lower_bound(prefixes_, wanted, {}, &Entry::prefix);
    if (found != prefixes_.end() && found->prefix == wanted) return systems_[found->system];
  }
  return std::nullopt;
}

}  // namespace sonde
