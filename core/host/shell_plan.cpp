#include "core/host/shell_plan.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "core/base/base64.h"
#include "core/base/digest.h"

namespace sonde {
namespace {

std::set<std::string, std::less<>> lines_of(const std::string& text) {
  std::set<std::string, std::less<>> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::string authorized_keys_text(std::span<const std::string> keys) {
  std::string text;
  for (const std::string& key : keys) text += "no-port-forwarding,no-agent-forwarding,no-X11-forwarding " + key + "\n";
  return text;
}

bool lost_a_key(const std::string& before, const std::string& now) {
  const auto left = lines_of(now);
  for (const std::string& line : lines_of(before))
    if (!left.contains(line)) return true;
  return false;
}

std::string key_fingerprint(const std::string& key) {
  const auto from = key.find(' ');
  if (from == std::string::npos) return {};
  const auto octets = from_base64(std::string_view(key).substr(from + 1, key.find(' ', from + 1) - from - 1));
  if (!octets || octets->empty()) return {};
  Digest digest;
  digest.add(*octets);
  const auto sum = digest.octets();
  const std::string text = to_base64({reinterpret_cast<const char*>(sum.data()), sum.size()});
  return "SHA256:" + text.substr(0, text.find('='));
}

std::string shell_fingerprint(const std::string& said) {
  constexpr std::string_view kBefore = "Fingerprint: ";
  const auto at = said.find(kBefore);
  if (at == std::string::npos) return {};
  const auto from = at + kBefore.size();
  return said.substr(from, said.find_first_of(" \n", from) - from);
}

}  // namespace sonde
