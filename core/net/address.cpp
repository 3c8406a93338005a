#include "core/net/address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sonde {
namespace {

constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

unsigned octet(std::span<const std::byte> bytes, std::size_t i) { return std::to_integer<unsigned>(bytes[i]); }

bool all_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

/// The index of an interface by name or number; 0 = there is none.
std::uint32_t scope_index(const std::string& name) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc{} && end == name.data() + name.size()) return number;
  return if_nametoindex(name.c_str());
}

std::string scope_name(std::uint32_t index) {
  std::array<char, IF_NAMESIZE> name{};
  return if_indextoname(index, name.data()) ? std::string(name.data()) : std::to_string(index);
}

/// True when the first `length` bits are equal; both have as many bytes.
bool same_head(std::span<const std::byte> a, std::span<const std::byte> b, int length) {
  const auto whole = static_cast<std::size_t>(length / 8);
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
  const int rest = length % 8;
  return rest == 0 || (octet(a, whole) ^ octet(b, whole)) >> (8 - rest) == 0;
}

bool host_bits_zero(std::span<const std::byte> bytes, int length) {
  for (int bit = length; bit < static_cast<int>(bytes.size()) * 8; ++bit) {
    if (octet(bytes, static_cast<std::size_t>(bit / 8)) >> (7 - bit % 8) & 1) return false;
  }
  return true;
}

}  // namespace

std::string_view to_string(Family family) { return family == Family::v4 ? "IPv4" : "IPv6"; }

IpAddress IpAddress::v4(std::span<const std::byte, 4> bytes) {
  IpAddress out;
  std::ranges::copy(bytes, out.bytes_.begin());
  return out;
}

IpAddress IpAddress::v6(std::span<const std::byte, 16> bytes, std::uint32_t scope) {
  if (std::memcmp(bytes.data(), kMapped.data(), kMapped.size()) == 0) return v4(bytes.last<4>());
  IpAddress out;
  out.family_ = Family::v6;
  std::ranges::copy(bytes, out.bytes_.begin());
  // The kernel names an interface for global addresses too; two of these must still compare equal.
  if (out.is_link_local() || out.is_multicast()) out.scope_ = scope;
  return out;
}

IpAddress IpAddress::any(Family family) {
  IpAddress out;
  out.family_ = family;
  return out;
}

IpAddress IpAddress::loopback(Family family) { return *parse(family == Family::v4 ? "127.0.0.1" : "::1"); }

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const auto percent = text.find('%');
  const std::string bare(text.substr(0, percent));
  std::array<std::byte, 16> raw{};
  if (bare.size() != std::min(percent, text.size()) || bare.find('\0') != std::string::npos) return std::nullopt;
  if (percent == std::string_view::npos && inet_pton(AF_INET, bare.c_str(), raw.data()) == 1) {
    return v4(std::span(raw).first<4>());
  }
  if (inet_pton(AF_INET6, bare.c_str(), raw.data()) != 1) return std::nullopt;
  if (percent == std::string_view::npos) return v6(raw);
  const std::uint32_t scope = scope_index(std::string(text.substr(percent + 1)));
  const IpAddress out = v6(raw, scope);
  if (scope == 0 || out.scope() == 0) return std::nullopt;
  return out;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(family_ == Family::v4 ? AF_INET : AF_INET6, bytes_.data(), buffer.data(), buffer.size());
  std::string out = buffer.data();
  if (scope_ != 0) out += '%' + scope_name(scope_);
  return out;
}

bool IpAddress::is_unspecified() const { return all_zero(bytes()); }

bool IpAddress::is_loopback() const {
  if (family_ == Family::v4) return octet(bytes_, 0) == 127;
  return all_zero(std::span(bytes_).first(15)) && octet(bytes_, 15) == 1;
}

bool IpAddress::is_link_local() const {
  if (family_ == Family::v4) return octet(bytes_, 0) == 169 && octet(bytes_, 1) == 254;
  return octet(bytes_, 0) == 0xfe && (octet(bytes_, 1) & 0xc0) == 0x80;
}

bool IpAddress::is_multicast() const {
  if (family_ == Family::v4) return (octet(bytes_, 0) & 0xf0) == 0xe0;
  return octet(bytes_, 0) == 0xff;
}

bool IpAddress::is_broadcast() const {
  return family_ == Family::v4 && std::ranges::all_of(bytes(), [](std::byte b) { return b == std::byte{0xff}; });
}

IpAddress IpAddress::source() const {
  if (family_ == Family::v4) return *this;
  IpAddress out = *this;
  std::fill(out.bytes_.begin() + 8, out.bytes_.end(), std::byte{0});
  return out;
}

std::string Endpoint::text() const {
  const std::string host = address.text();
  return (address.family() == Family::v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address || address->scope() != 0) return std::nullopt;
  // A mapped address became an IPv4 one, and its prefix length no longer means what was written.
  if (address->family() == Family::v4 && text.find(':') != std::string_view::npos) return std::nullopt;
  const auto digits = text.substr(slash + 1);
  int length = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (length < 0 || length > static_cast<int>(address->bytes().size()) * 8) return std::nullopt;
  if (!host_bits_zero(address->bytes(), length)) return std::nullopt;
  return Prefix{*address, length};
}

bool Prefix::contains(const IpAddress& other) const {
  return other.family() == address.family() && same_head(address.bytes(), other.bytes(), length);
}

std::string Prefix::text() const { return address.text() + '/' + std::to_string(length); }

}  // namespace sonde
