#include "core/net/linux_interfaces.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <map>

#include "core/base/error.h"
#include "core/net/linux_socket.h"

namespace sonde {
namespace {

using Attributes = std::map<int, std::span<const std::byte>>;

/// The attributes that lie behind the fixed part of a message, by type.
Attributes attributes_of(std::span<const std::byte> data) {
  Attributes out;
  while (data.size() >= sizeof(rtattr)) {
    rtattr head;
    std::memcpy(&head, data.data(), sizeof head);
    if (head.rta_len < sizeof head || head.rta_len > data.size()) break;
    out[head.rta_type & NLA_TYPE_MASK] = data.subspan(RTA_LENGTH(0), head.rta_len - RTA_LENGTH(0));
    data = data.subspan(std::min<std::size_t>(RTA_ALIGN(head.rta_len), data.size()));
  }
  return out;
}

template <typename T>
T value_of(const Attributes& attributes, int type) {
  T value{};
  const auto found = attributes.find(type);
  if (found != attributes.end())
    std::memcpy(&value, found->second.data(), std::min(sizeof value, found->second.size()));
  return value;
}

std::string text_of(const Attributes& attributes, int type) {
  const auto found = attributes.find(type);
  if (found == attributes.end()) return {};
  const std::string_view all(reinterpret_cast<const char*>(found->second.data()), found->second.size());
  return std::string(all.substr(0, all.find('\0')));
}

using Handle = std::function<void(std::span<const std::byte> body)>;

/// Hands each message of one answer on; false once it was the last.
bool read_messages(std::span<const std::byte> data, int wanted, const Handle& handle) {
  while (data.size() >= sizeof(nlmsghdr)) {
    nlmsghdr head;
    std::memcpy(&head, data.data(), sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > data.size() || head.nlmsg_type == NLMSG_DONE) return false;
    if (head.nlmsg_type == NLMSG_ERROR) throw Error("read", "the list of interfaces", EIO);
    if (head.nlmsg_type == wanted) handle(data.subspan(NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN));
    data = data.subspan(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), data.size()));
  }
  return true;
}

void dump(int request, int wanted, const Handle& handle) {
  const Descriptor fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  struct {
    nlmsghdr head;
    rtgenmsg body;
  } message{};
  message.head.nlmsg_len = NLMSG_LENGTH(sizeof message.body);
  message.head.nlmsg_type = static_cast<std::uint16_t>(request);
  message.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  if (!fd || ::send(fd.get(), &message, message.head.nlmsg_len, 0) < 0) {
    throw Error("ask for", "the list of interfaces", errno);
  }
  Bytes room(64 << 10);
  for (bool more = true; more;) {
    const ssize_t got = ::recv(fd.get(), room.data(), room.size(), 0);
    if (got <= 0) throw Error("read", "the list of interfaces", got < 0 ? errno : EIO);
    more = read_messages(std::span(room).first(static_cast<std::size_t>(got)), wanted, handle);
  }
}

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
  dump(RTM_GETLINK, RTM_NEWLINK, [&](std::span<const std::byte> body) { out.push_back(read_link(body)); });
  dump(RTM_GETADDR, RTM_NEWADDR, [&](std::span<const std::byte> body) { read_address(body, out); });
  return out;
}

}  // namespace sonde
