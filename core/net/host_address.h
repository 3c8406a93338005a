#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/net/address.h"

namespace sonde {

/// A host's own address with the length of its network's prefix; host bits are kept: "192.0.2.7/24".
struct HostAddress {
  IpAddress address;
  int length = 0;
  /// "192.0.2.7/24", "2001:db8::7/64"; no scope, and no length is not one.
  static std::optional<HostAddress> parse(std::string_view text);
  Prefix network() const;  ///< 192.0.2.0/24
  std::string text() const;
  friend auto operator<=>(const HostAddress&, const HostAddress&) = default;
};

}  // namespace sonde
