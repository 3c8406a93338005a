#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/net/network.h"

namespace sonde {

/// One route as the kernel has it, in the main table.
struct HostRoute {
  Family family = Family::v4;
  std::string interface;
  std::string to;       ///< "default", "192.0.2.0/24"
  std::string gateway;  ///< empty = on the link
  friend auto operator<=>(const HostRoute&, const HostRoute&) = default;
};

/// Commands for `ip -batch`, of one family, that give each of several interfaces a routing table of its own, so that
/// an answer leaves where its question came in (RFC 1122, 3.3.4.2, strong host model for sources). Empty with fewer
/// than two interfaces that have an address of the family. Rules of before are the caller's to flush.
std::string source_routing(Family family, std::span<const InterfaceState> interfaces,
                           std::span<const HostRoute> routes);

/// Of the tables and of the rules that choose them.
inline constexpr int kSourceTable = 1000, kSourcePriority = 1000;

}  // namespace sonde
