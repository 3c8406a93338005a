#include "appliance/page_host.h"

namespace sonde {
namespace {

std::string in_address_bar(const IpAddress& address) {
  return address.family() == Family::v6 ? "[" + address.text() + "]" : address.text();
}

}  // namespace

std::string page_host(const std::string& listens_at, std::span<const InterfaceState> interfaces) {
  if (const auto at = IpAddress::parse(listens_at); at && !at->is_unspecified()) return in_address_bar(*at);
  std::string found = "localhost";
  for (const InterfaceState& interface : interfaces) {
    if (interface.loopback) continue;
    for (const Prefix& own : interface.addresses) {
      if (own.address.family() == Family::v4) return own.address.text();
      if (!own.address.is_link_local()) found = in_address_bar(own.address);
    }
  }
  return found;
}

}  // namespace sonde
