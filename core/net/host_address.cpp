#include "core/net/host_address.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sonde {

std::optional<HostAddress> HostAddress::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address || text.find('%') != std::string_view::npos) return std::nullopt;
  // as with a Prefix: the length after a mapped address does not mean what was written
  if (address->family() == Family::v4 && text.find(':') != std::string_view::npos) return std::nullopt;
  const auto digits = text.substr(slash + 1);
  int length = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const bool ok = error == std::errc{} && end == digits.data() + digits.size() && length >= 0 &&
                  length <= static_cast<int>(address->bytes().size()) * 8;
  return ok ? std::optional(HostAddress{*address, length}) : std::nullopt;
}

Prefix HostAddress::network() const {
  std::array<std::byte, 16> bytes{};
  std::ranges::copy(address.bytes(), bytes.begin());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int kept = std::clamp(length - static_cast<int>(i) * 8, 0, 8);
    bytes[i] &= static_cast<std::byte>(0xff00 >> kept);
  }
  const bool v4 = address.family() == Family::v4;
  return {v4 ? IpAddress::v4(std::span(bytes).first<4>()) : IpAddress::v6(bytes), length};
}

std::string HostAddress::text() const { return address.text() + '/' + std::to_string(length); }

}  // namespace sonde
