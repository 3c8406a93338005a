#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/config/host_settings.h"
#include "core/net/network.h"

namespace sonde {

/// What HostSettings come to on the interfaces that a machine has: texts and plain values, carried out by the root
/// helper alone.
struct NetworkPlan {
  /// An interface on top of another one's frames (IEEE 802.1Q).
  struct Vlan {
    std::string name, on;
    std::uint16_t id = 0;
    friend bool operator==(const Vlan&, const Vlan&) = default;
  };
  struct Mtu {
    std::string interface;
    std::uint32_t octets = 0;
    friend bool operator==(const Mtu&, const Mtu&) = default;
  };
  /// A default route that dhcpcd cannot be told of: it knows fixed gateways for IPv4 only.
  struct Gateway {
    std::string interface;
    IpAddress address;
    int metric = 0;  ///< of its route; that of the interface that measures is the smallest
    friend bool operator==(const Gateway&, const Gateway&) = default;
  };
  std::vector<Vlan> vlans;
  std::vector<Mtu> mtus;
  std::vector<Gateway> gateways;
  std::string dhcpcd_conf;
  std::string resolv_conf;  ///< empty = dhcpcd writes what the network names
  /// Names as in the kernel. managing: empty = the measuring one manages, too; "nobody", which no interface is called,
  /// = the one that was chosen is not there.
  std::string measuring, managing;
  std::vector<std::string> sentences;  ///< what could not be done as it was asked for
};

/// Without settings: every interface automatic. Loopback is no interface here.
NetworkPlan plan_network(const HostSettings& settings, std::span<const InterfaceState> interfaces);

}  // namespace sonde
