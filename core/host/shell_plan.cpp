#include "core/host/shell_plan.h"

#include <algorithm>
#include <set>
#include <string_view>

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

std::string shell_fingerprint(const std::string& said) {
  constexpr std::string_view kBefore = "Fingerprint: ";
  const auto at = said.find(kBefore);
  if (at == std::string::npos) return {};
  const auto from = at + kBefore.size();
  return said.substr(from, said.find_first_of(" \n", from) - from);
}

}  // namespace sonde
