#include "core/net/linux_interfaces.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <cstring>

#include "core/net/linux_socket.h"
#include "core/net/netlink.h"

namespace sonde {
namespace {

std::string hardware_text(std::span<const std::byte> bytes) {
  std::string out;
  for (const std::byte b : bytes) out += (out.empty() ? "" : ":") + to_hex(std::span(&b, 1));
  return out;
}

/// Asked of the driver, not of /sys, which may show the interfaces of another namespace.
std::optional<std::uint64_t> speed_of(const std::string& name) {
  const Descriptor fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_cmd command{};
  command.cmd = ETHTOOL_GSET;
  ifreq request{};
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_data = &command;
  if (!fd || ::ioctl(fd.get(), SIOCETHTOOL, &request) != 0) return std::nullopt;
  const std::uint32_t mbit = ethtool_cmd_speed(&command);
  if (mbit == 0 || mbit == static_cast<std::uint32_t>(SPEED_UNKNOWN)) return std::nullopt;
  return std::uint64_t{mbit} * 1'000'000;
}

InterfaceState read_link(std::span<const std::byte> body) {
  ifinfomsg info{};
  std::memcpy(&info, body.data(), std::min(sizeof info, body.size()));
  const Attributes attributes =
      attributes_of(body.subspan(std::min<std::size_t>(NLMSG_ALIGN(sizeof info), body.size())));
  InterfaceState out;
  out.name = text_of(attributes, IFLA_IFNAME);
  out.index = info.ifi_index;
  out.up = (info.ifi_flags & IFF_UP) != 0;
  out.running = (info.ifi_flags & IFF_RUNNING) != 0;
  out.loopback = (info.ifi_flags & IFF_LOOPBACK) != 0;
  out.mtu = static_cast<int>(value_of<std::uint32_t>(attributes, IFLA_MTU));
  const auto stats = value_of<rtnl_link_stats64>(attributes, IFLA_STATS64);
  out.in_octets = stats.rx_bytes;
  out.out_octets = stats.tx_bytes;
  out.in_packets = stats.rx_packets;
  out.out_packets = stats.tx_packets;
  out.in_errors = stats.rx_errors;
  out.out_errors = stats.tx_errors;
  out.in_discards = stats.rx_dropped;
  out.out_discards = stats.tx_dropped;
  if (const auto found = attributes.find(IFLA_ADDRESS); found != attributes.end() && !out.loopback) {
    out.hardware_address = hardware_text(found->second);
  }
  out.speed_bps = speed_of(out.name);
  return out;
}

void read_address(std::span<const std::byte> body, std::vector<InterfaceState>& interfaces) {
  ifaddrmsg info{};
  std::memcpy(&info, body.data(), std::min(sizeof info, body.size()));
  const Attributes attributes =
      attributes_of(body.subspan(std::min<std::size_t>(NLMSG_ALIGN(sizeof info), body.size())));
  // On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL, where given, is always one's own.
  auto found = attributes.find(IFA_LOCAL);
  if (found == attributes.end()) found = attributes.find(IFA_ADDRESS);
  if (found == attributes.end()) return;
  const auto raw = found->second;
  IpAddress address;
  if (info.ifa_family == AF_INET && raw.size() == 4) {
    address = IpAddress::v4(raw.first<4>());
  } else if (info.ifa_family == AF_INET6 && raw.size() == 16) {
    address = IpAddress::v6(raw.first<16>(), info.ifa_index);
  } else {
    return;
  }
  for (InterfaceState& one : interfaces) {
    if (one.index == static_cast<int>(info.ifa_index)) one.addresses.push_back({address, info.ifa_prefixlen});
  }
}

}  // namespace

std::vector<InterfaceState> read_interfaces() {
  std::vector<InterfaceState> out;
  constexpr std::string_view kSubject = "the list of interfaces";
  const rtgenmsg all{};
  netlink_dump(kSubject, RTM_GETLINK, RTM_NEWLINK, std::as_bytes(std::span(&all, 1)),
               [&](std::span<const std::byte> body) { out.push_back(read_link(body)); });
  netlink_dump(kSubject, RTM_GETADDR, RTM_NEWADDR, std::as_bytes(std::span(&all, 1)),
               [&](std::span<const std::byte> body) { read_address(body, out); });
  return out;
}

}  // namespace sonde
