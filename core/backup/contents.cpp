#include "core/backup/contents.h"

#include <array>
#include <charconv>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/json_fields.h"

namespace sonde {
namespace {

constexpr std::string_view kProduct = "sonde";
constexpr std::string_view kSecrets = "left out: passwords, tokens and the certificate's key stay on the node";
constexpr std::uint64_t kMiB = 1 << 20;

/// Whole digits without a leading zero; takes them off the front.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || (text.front() == '0' && end != text.data() + 1)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// "0.12.3" in numbers; what follows a version's third number is not compared.
std::array<std::uint64_t, 3> numbers_of(std::string_view version) {
  std::array<std::uint64_t, 3> numbers{};
  for (std::uint64_t& number : numbers) {
    if (version.empty()) break;
    number = take_number(version).value_or(0);
    take(version, ".");
  }
  return numbers;
}

std::optional<std::uint64_t> count_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  if (found == nullptr || !found->integer || *found->integer < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*found->integer);
}

bool is_sum(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string write_description(const BackupDescription& d) {
  JsonWriter out;
  out.begin_object().field("product", kProduct).field("format", kBackupFormat).field("version", d.version);
  out.field("made", format_utc(d.made)).field("node_id", d.node_id).field("node_name", d.node_name);
  out.field("octets", d.octets).field("files", d.files).field("secrets", kSecrets).end_object();
  return out.take() + "\n";
}

BackupDescription read_description(std::string_view text, std::string_view own_version) {
  const JsonParsed parsed = parse_json(text);
  if (!parsed.value || parsed.value->kind != Json::Kind::object || text_of(*parsed.value, "product") != kProduct)
    throw Error("The file is no backup of Sonde: its first file does not say so.");
  const Json& root = *parsed.value;
  BackupDescription d{.version = text_of(root, "version"),
                      .node_id = text_of(root, "node_id"),
                      .node_name = text_of(root, "node_name")};
  const auto format = count_of(root, "format");
  if (!format) throw Error("The backup does not say which format it has.");
  const std::string newer = "The backup was made by Sonde " + d.version + ", which is newer than this one, " +
                            std::string(own_version) + ": bring this node to that version first.";
  if (*format > kBackupFormat || numbers_of(d.version) > numbers_of(own_version)) throw Error(newer);
  const auto made = parse_utc(text_of(root, "made"));
  const auto octets = count_of(root, "octets"), files = count_of(root, "files");
  if (*format != kBackupFormat || !made || !octets || !files)
    throw Error("The backup's description, backup.json, is not valid.");
  d.made = *made;
  d.octets = *octets;
  d.files = *files;
  return d;
}

bool is_series_name(std::string_view name) {
  if (name.size() > 80 || !take(name, "archive/series/")) return false;
  const auto folder = take_number(name);
  if (!folder || !take(name, "/")) return false;
  const auto strand = take_number(name);
  if (!strand || *strand == 0 || *strand > INT64_MAX || *strand % 100 != *folder || !take(name, "-")) return false;
  const auto part = take_number(name);
  if (!part || *part == 0 || *part > 1000 || !take(name, "-")) return false;
  return name == "steps.rrd" || name == "sums.rrd" || name == "ranges.rrd";
}

std::uint64_t most_octets(std::string_view name) {
  if (name == kDescriptionName) return 64 << 10;
  if (name == kConfigName) return 4 * kMiB;
  if (name == kAsTableName) return 64 * kMiB;
  if (name == kSumsName) return 256 * kMiB;
  if (name == kJournalName) return 1'000'000 * kMiB;
  return is_series_name(name) ? 1000 * kMiB : 0;
}

std::string write_sums(const Sums& sums) {
  std::string text;
  for (const auto& [name, sum] : sums) text += sum + "  " + name + "\n";
  return text;
}

std::optional<Sums> read_sums(std::string_view text) {
  Sums sums;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || end < 67) return std::nullopt;
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (!is_sum(line.substr(0, 64)) || line.substr(64, 2) != "  ") return std::nullopt;
    if (!sums.emplace(line.substr(66), line.substr(0, 64)).second) return std::nullopt;
  }
  return sums;
}

}  // namespace sonde
