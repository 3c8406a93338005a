// ethtool's and rtnetlink's words for one interface. Older requests of ethtool are used where they say the same: every
// kernel of today knows them.
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/net_tstamp.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/host/host_reading.h"
#include "core/net/linux_socket.h"
#include "core/net/netlink.h"

namespace sonde {
namespace {

constexpr std::size_t kMostText = 32;

/// One request about one interface; 0 or an errno. Needs no right for what is only asked.
int ethtool(const Descriptor& socket, const std::string& name, void* command) {
  ifreq request{};
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_data = static_cast<char*>(command);
  return ::ioctl(socket.get(), SIOCETHTOOL, &request) == 0 ? 0 : errno;
}

std::optional<bool> flag(const Descriptor& socket, const std::string& name, std::uint32_t command,
                         std::uint32_t mask = ~0U) {
  ethtool_value value{};
  value.cmd = command;
  if (ethtool(socket, name, &value) != 0) return std::nullopt;
  return (value.data & mask) != 0;
}

std::string text_of(const char* field) { return std::string(field, strnlen(field, kMostText)); }

void ask_driver(const Descriptor& socket, NicFacts& nic) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (ethtool(socket, nic.name, &info) != 0) return;
  nic.driver = text_of(info.driver);
  nic.driver_version = text_of(info.version);
  nic.firmware = text_of(info.fw_version);
  if (nic.firmware == "N/A") nic.firmware.clear();
}

void ask_link(const Descriptor& socket, NicFacts& nic) {
  ethtool_cmd link{};
  link.cmd = ETHTOOL_GSET;
  if (ethtool(socket, nic.name, &link) != 0) return;
  if (nic.speed_bps && link.duplex == DUPLEX_HALF) nic.duplex = NicFacts::Duplex::half;
  if (nic.speed_bps && link.duplex == DUPLEX_FULL) nic.duplex = NicFacts::Duplex::full;
  static constexpr std::pair<std::uint32_t, std::uint64_t> kSpeeds[] = {
      {SUPPORTED_10000baseT_Full, 10'000'000'000},
      {SUPPORTED_1000baseT_Full, 1'000'000'000},
      {SUPPORTED_100baseT_Full, 100'000'000},
      {SUPPORTED_10baseT_Full, 10'000'000},
  };
  const auto fastest =
      std::ranges::find_if(kSpeeds, [&](const auto& one) { return (link.supported & one.first) != 0; });
  if (fastest != std::end(kSpeeds)) nic.fastest_bps = fastest->second;
}

void ask_queues(const Descriptor& socket, NicFacts& nic) {
  ethtool_ringparam ring{};
  ring.cmd = ETHTOOL_GRINGPARAM;
  if (ethtool(socket, nic.name, &ring) == 0 && ring.rx_max_pending > 0)
    nic.ring = {ring.rx_pending, ring.rx_max_pending, ring.tx_pending, ring.tx_max_pending};
  ethtool_coalesce wait{};
  wait.cmd = ETHTOOL_GCOALESCE;
  if (ethtool(socket, nic.name, &wait) == 0)
    nic.coalescing = {wait.rx_coalesce_usecs, wait.use_adaptive_rx_coalesce != 0};
}

void ask_offloads(const Descriptor& socket, NicFacts& nic) {
  nic.gro = flag(socket, nic.name, ETHTOOL_GGRO);
  nic.gso = flag(socket, nic.name, ETHTOOL_GGSO);
  nic.tso = flag(socket, nic.name, ETHTOOL_GTSO);
  nic.lro = flag(socket, nic.name, ETHTOOL_GFLAGS, ETH_FLAG_LRO);
  nic.receive_checksum = flag(socket, nic.name, ETHTOOL_GRXCSUM);
  nic.send_checksum = flag(socket, nic.name, ETHTOOL_GTXCSUM);
}

void ask_stamps(const Descriptor& socket, NicFacts& nic) {
  ethtool_ts_info info{};
  info.cmd = ETHTOOL_GET_TS_INFO;
  // A driver that names no capability at all has not been asked properly: the kernel itself stamps what comes.
  if (ethtool(socket, nic.name, &info) != 0 || info.so_timestamping == 0) return;
  const auto has = [&](std::uint32_t bit) { return (info.so_timestamping & bit) != 0; };
  nic.stamps = {has(SOF_TIMESTAMPING_RX_SOFTWARE), has(SOF_TIMESTAMPING_TX_SOFTWARE), has(SOF_TIMESTAMPING_RX_HARDWARE),
                has(SOF_TIMESTAMPING_TX_HARDWARE), info.phc_index};
}

void ask(NicFacts& nic) {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return;
  ask_driver(socket, nic);
  ask_link(socket, nic);
  ask_queues(socket, nic);
  ask_offloads(socket, nic);
  ask_stamps(socket, nic);
}

int set_ring(const Descriptor& socket, const std::string& name, std::uint32_t receive) {
  ethtool_ringparam ring{};
  ring.cmd = ETHTOOL_GRINGPARAM;
  if (const int refused = ethtool(socket, name, &ring)) return refused;
  ring.cmd = ETHTOOL_SRINGPARAM;
  ring.rx_pending = receive;
  return ethtool(socket, name, &ring);
}

int set_lro(const Descriptor& socket, const std::string& name, bool on) {
  ethtool_value value{};
  value.cmd = ETHTOOL_GFLAGS;
  if (const int refused = ethtool(socket, name, &value)) return refused;
  value.cmd = ETHTOOL_SFLAGS;
  value.data = on ? value.data | ETH_FLAG_LRO : value.data & ~static_cast<std::uint32_t>(ETH_FLAG_LRO);
  return ethtool(socket, name, &value);
}

int set_wait(const Descriptor& socket, const std::string& name, std::uint32_t receive_us) {
  ethtool_coalesce wait{};
  wait.cmd = ETHTOOL_GCOALESCE;
  if (const int refused = ethtool(socket, name, &wait)) return refused;
  wait.cmd = ETHTOOL_SCOALESCE;
  wait.use_adaptive_rx_coalesce = 0;
  wait.rx_coalesce_usecs = receive_us;
  return ethtool(socket, name, &wait);
}

/// A word about the root queue: RTM_NEWQDISC or RTM_DELQDISC. 0 or an errno.
int change_queueing(int index, const std::string& kind, int type, int flags) {
  struct {
    nlmsghdr head;
    tcmsg body;
    rtattr attribute;
    char kind[16];
  } message{};
  if (kind.size() >= sizeof message.kind) return EINVAL;
  kind.copy(message.kind, sizeof message.kind - 1);
  message.attribute.rta_type = TCA_KIND;
  message.attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(kind.size() + 1));
  message.body.tcm_ifindex = index;
  message.body.tcm_parent = TC_H_ROOT;
  message.head.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(sizeof message.body) + RTA_SPACE(kind.size() + 1));
  message.head.nlmsg_type = static_cast<std::uint16_t>(type);
  message.head.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
  return netlink_change(std::as_bytes(std::span(&message, 1)).first(message.head.nlmsg_len));
}

/// A new root queue of this kind, with the kernel's own parameters, in place of what is there.
int set_queueing(int index, const std::string& kind) {
  // One that somebody made is not made anew by one of its kind, so "mq" would keep its inner queues. One that the
  // kernel made cannot be deleted, and need not be.
  change_queueing(index, kind, RTM_DELQDISC, 0);
  return change_queueing(index, kind, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
}

int set(const NicFacts& nic, NicDoor::Knob knob, const std::string& value) {
  if (knob == NicDoor::Knob::queueing) return set_queueing(nic.index, value);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) return EINVAL;
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return errno;
  switch (knob) {
    case NicDoor::Knob::receive_ring:
      return set_ring(socket, nic.name, number);
    case NicDoor::Knob::lro:
      return set_lro(socket, nic.name, number != 0);
    case NicDoor::Knob::receive_wait_us:
      return set_wait(socket, nic.name, number);
    case NicDoor::Knob::queueing:
      break;
  }
  return EINVAL;
}

}  // namespace

NicDoor linux_nic_door() { return {.ask = ask, .set = set}; }

std::vector<Queueing> read_queueings() {
  std::vector<Queueing> found;
  const tcmsg all{};
  netlink_dump("the sending queues", RTM_GETQDISC, RTM_NEWQDISC, std::as_bytes(std::span(&all, 1)),
               [&](std::span<const std::byte> body) {
                 tcmsg head{};
                 std::memcpy(&head, body.data(), std::min(sizeof head, body.size()));
                 const auto attributes =
                     attributes_of(body.subspan(std::min<std::size_t>(NLMSG_ALIGN(sizeof head), body.size())));
                 found.push_back({head.tcm_ifindex, text_of(attributes, TCA_KIND), head.tcm_parent == TC_H_ROOT});
               });
  return found;
}

}  // namespace sonde
