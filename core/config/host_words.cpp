#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "core/base/base64.h"
#include "core/config/host_rules.h"
#include "core/config/text_rules.h"

namespace sonde {
namespace {

constexpr std::size_t kMostKeyOctets = 4096;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool could_be_zone(std::string_view text) {
  if (text.empty() || text.size() > 64 || !is_letter_or_digit(text.front()) || text.back() == '/') return false;
  if (text.find("//") != std::string_view::npos || text.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(
      text, [](char c) { return is_letter_or_digit(c) || c == '/' || c == '_' || c == '-' || c == '+'; });
}

/// The folder holds tables beside its zones: only what begins as RFC 8536 says is one.
bool is_zone_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::array<char, 4> magic{};
  std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
  return std::string_view(magic.data(), magic.size()) == "TZif";
}

/// The first of the strings that a key's wire form is made of (RFC 4253 §6.6): the name of its kind again. Empty when
/// they do not fill it exactly.
std::string kind_inside(std::string_view base64) {
  const std::string raw = from_base64(base64).value_or("");
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < raw.size();) {
    if (raw.size() - at < 4) return {};
    std::size_t length = 0;
    for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(raw[at++]);
    if (length > raw.size() - at) return {};
    parts.push_back(raw.substr(at, length));
    at += length;
  }
  return parts.size() >= 2 ? parts.front() : "";
}

}  // namespace

std::string check_own_name(std::string_view field, std::string_view text) {
  if (text.empty()) return {};
  const bool ok = text.size() <= 64 && text.find('_') == std::string_view::npos && text.back() != '.' &&
                  check_host_name(field, text).empty() && text != "localhost";
  return ok ? ""
            : refusal(field, text,
                      "a host name of at most 64 letters, digits, - and dots, as in sonde-gva.example.org");
}

std::string check_zone(std::string_view field, std::string_view text, const std::string& zones) {
  std::error_code error;
  const bool ok = could_be_zone(text) && (text == "UTC" || !std::filesystem::is_directory(zones, error) ||
                                          is_zone_file(std::filesystem::path(zones) / text));
  return ok ? "" : refusal(field, text, "the name of a time zone, as in UTC or Europe/Zurich");
}

std::string check_shell_key(std::string_view field, std::string_view text) {
  static constexpr std::string_view kKinds[] = {"ssh-ed25519",
                                                "sk-ssh-ed25519@openssh.com",
                                                "ecdsa-sha2-nistp256",
                                                "ecdsa-sha2-nistp384",
                                                "ecdsa-sha2-nistp521",
                                                "sk-ecdsa-sha2-nistp256@openssh.com",
                                                "ssh-rsa"};
  if (text.find("PRIVATE KEY") != std::string_view::npos)
    return std::string(field) + ": this is a private key; give the public one, the line of the file that ends in .pub.";
  if (auto sentence = check_line(field, text, kMostKeyOctets); !sentence.empty()) return sentence;
  const std::string_view kind = text.substr(0, text.find(' '));
  std::string_view key = text.substr(std::min(text.size(), kind.size() + 1));
  key = key.substr(0, key.find(' '));
  const bool ok = std::ranges::find(kKinds, kind) != std::end(kKinds) && kind_inside(key) == kind;
  return ok ? "" : refusal(field, text, "one OpenSSH public key, the line of a file as id_ed25519.pub");
}

}  // namespace sonde
