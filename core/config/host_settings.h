#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/host_address.h"

namespace sonde {

/// How an interface gets its address of one family.
struct FamilySettings {
  enum class Method : std::uint8_t {
    automatic,  ///< DHCP, router advertisements
    fixed,
    off,
  };
  Method method = Method::automatic;
  std::optional<HostAddress> address;  ///< with `fixed` only
  std::optional<IpAddress> gateway;    ///< with `fixed` only; empty = none
  friend bool operator==(const FamilySettings&, const FamilySettings&) = default;
};
std::string_view to_string(FamilySettings::Method method);  ///< "automatic", "fixed", "off"
std::optional<FamilySettings::Method> method_from(std::string_view text);

struct InterfaceSettings {
  std::string interface;  ///< "eth0" or its hardware address "52:54:00:12:34:56"; empty = the first one with a link
  FamilySettings v4, v6;
  std::uint16_t vlan = 0;  ///< 0 = none
  std::uint32_t mtu = 0;   ///< octets; 0 = as the interface has it
  friend bool operator==(const InterfaceSettings&, const InterfaceSettings&) = default;
};

/// What the machine underneath should be. Only the appliance has it. A plain value.
struct HostSettings {
  std::string name;  ///< RFC 1123; empty = as it is called now
  InterfaceSettings measuring;
  std::optional<InterfaceSettings> managing;  ///< absent = the measuring one manages, too
  std::vector<IpAddress> name_servers;        ///< empty = those that the network names
  std::vector<std::string> time_servers;      ///< empty = those of DHCP, else Debian's pool
  std::string zone = "UTC";                   ///< IANA name
  std::vector<std::string> shell_keys;        ///< OpenSSH public keys; empty = no remote shell
  friend bool operator==(const HostSettings&, const HostSettings&) = default;
};

inline constexpr std::size_t kMostNameServers = 3;
inline constexpr std::size_t kMostTimeServers = 8;
inline constexpr std::size_t kMostShellKeys = 16;

}  // namespace sonde
