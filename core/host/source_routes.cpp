#include "core/host/source_routes.h"

#include <algorithm>

namespace sonde {
namespace {

bool has_address(const InterfaceState& one, Family family) {
  return !one.loopback && std::ranges::any_of(one.addresses, [&](const Prefix& own) {
    return own.address.family() == family && !own.address.is_link_local();
  });
}

}  // namespace

std::string source_routing(Family family, std::span<const InterfaceState> interfaces,
                           std::span<const HostRoute> routes) {
  const auto count = std::ranges::count_if(interfaces, [&](const auto& one) { return has_address(one, family); });
  if (count < 2) return {};
  std::string text;
  for (const InterfaceState& one : interfaces) {
    if (!has_address(one, family)) continue;
    const std::string table = " table " + std::to_string(kSourceTable + one.index);
    for (const HostRoute& route : routes) {
      if (route.family != family || route.interface != one.name) continue;
      text += "route replace " + route.to + (route.gateway.empty() ? "" : " via " + route.gateway) + " dev " +
              one.name + table + "\n";
    }
    for (const Prefix& own : one.addresses)
      if (own.address.family() == family && !own.address.is_link_local())
        text += "rule add from " + own.address.text() + " priority " + std::to_string(kSourcePriority) + table + "\n";
  }
  return text;
}

}  // namespace sonde
