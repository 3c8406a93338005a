#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace sonde {

enum class Family : std::uint8_t { v4 = 4, v6 = 6 };
std::string_view to_string(Family family);  ///< "IPv4", "IPv6"

/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address is turned into the IPv4 one wherever it is made.
class IpAddress {
 public:
  IpAddress() = default;  ///< 0.0.0.0
  static IpAddress v4(std::span<const std::byte, 4> bytes);
  static IpAddress v6(std::span<const std::byte, 16> bytes, std::uint32_t scope = 0);
  static IpAddress any(Family family);
  static IpAddress loopback(Family family);
  /// "192.0.2.1", "2001:db8::1", "fe80::1%eth0"; no names, no brackets, no blanks.
  static std::optional<IpAddress> parse(std::string_view text);

  Family family() const { return family_; }
  /// 4 or 16 bytes, network order.
  std::span<const std::byte> bytes() const { return std::span(bytes_).first(family_ == Family::v4 ? 4 : 16); }
  std::uint32_t scope() const { return scope_; }  ///< interface index of a link-local address, else 0
  std::string text() const;

  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_link_local() const;
  bool is_multicast() const;
  bool is_broadcast() const;  ///< 255.255.255.255 only
  /// A source in the sense of every limit: the IPv4 address itself, or the /64 of the IPv6 one.
  IpAddress source() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  Family family_ = Family::v4;
  std::array<std::byte, 16> bytes_{};
  std::uint32_t scope_ = 0;
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  std::string text() const;  ///< "192.0.2.1:861", "[2001:db8::1]:861"
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// "192.0.2.0/24"; host bits must be zero.
struct Prefix {
  IpAddress address;
  int length = 0;
  static std::optional<Prefix> parse(std::string_view text);
  bool contains(const IpAddress& other) const;
  std::string text() const;
  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

}  // namespace sonde
