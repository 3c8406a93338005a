#include "core/net/control_messages.h"

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <cstring>

#include "core/net/linux_socket.h"

namespace sonde {
namespace {

/// The value of a control message, or nothing when it is shorter than that.
template <typename T>
std::optional<T> value_of(const cmsghdr* message) {
  if (message->cmsg_len < CMSG_LEN(sizeof(T))) return std::nullopt;
  T value;
  std::memcpy(&value, CMSG_DATA(message), sizeof value);
  return value;
}

void read_stamp(const cmsghdr* message, Datagram& out) {
  const auto stamps = value_of<scm_timestamping>(message);
  if (!stamps || (stamps->ts[0].tv_sec == 0 && stamps->ts[0].tv_nsec == 0)) return;
  out.arrival = UtcTime{std::chrono::seconds{stamps->ts[0].tv_sec} + Duration{stamps->ts[0].tv_nsec}};
  out.stamp = StampSource::kernel;
}

void read_v4(const cmsghdr* message, Datagram& out) {
  if (message->cmsg_type == IP_TTL) {
    if (const auto ttl = value_of<int>(message)) out.hop_limit = *ttl;
  } else if (message->cmsg_type == IP_TOS) {
    if (const auto tos = value_of<std::uint8_t>(message)) out.traffic_class = *tos;
  } else if (message->cmsg_type == IP_PKTINFO) {
    if (const auto info = value_of<in_pktinfo>(message)) {
      out.to.address = IpAddress::v4(std::as_bytes(std::span(&info->ipi_addr, 1)).first<4>());
    }
  }
}

void read_v6(const cmsghdr* message, Datagram& out) {
  if (message->cmsg_type == IPV6_HOPLIMIT) {
    if (const auto limit = value_of<int>(message)) out.hop_limit = *limit;
  } else if (message->cmsg_type == IPV6_TCLASS) {
    if (const auto value = value_of<int>(message)) out.traffic_class = *value;
  } else if (message->cmsg_type == IPV6_PKTINFO) {
    if (const auto info = value_of<in6_pktinfo>(message)) {
      out.to.address = IpAddress::v6(std::as_bytes(std::span(&info->ipi6_addr, 1)).first<16>(), info->ipi6_ifindex);
    }
  }
}

bool is_extended_error(const cmsghdr* message) {
  return (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_RECVERR) ||
         (message->cmsg_level == IPPROTO_IPV6 && message->cmsg_type == IPV6_RECVERR);
}

/// The one who reported stands behind the error itself.
IpAddress reporter_of(const cmsghdr* message) {
  SocketAddress offender;
  const std::size_t at = sizeof(sock_extended_err);
  const std::size_t length = message->cmsg_len - CMSG_LEN(0);
  if (length < at + sizeof(sockaddr_in)) return {};
  std::memcpy(&offender.storage, CMSG_DATA(message) + at, std::min(length - at, sizeof offender.storage));
  return to_endpoint(offender.get()).address;
}

}  // namespace

void read_controls(msghdr& header, Datagram& out) {
  for (cmsghdr* m = CMSG_FIRSTHDR(&header); m; m = CMSG_NXTHDR(&header, m)) {
    if (m->cmsg_level == SOL_SOCKET && m->cmsg_type == SO_TIMESTAMPING) read_stamp(m, out);
    if (m->cmsg_level == IPPROTO_IP) read_v4(m, out);
    if (m->cmsg_level == IPPROTO_IPV6) read_v6(m, out);
  }
}

std::optional<ExtendedError> read_extended_error(msghdr& header, Datagram& out) {
  std::optional<ExtendedError> found;
  for (cmsghdr* m = CMSG_FIRSTHDR(&header); m; m = CMSG_NXTHDR(&header, m)) {
    if (m->cmsg_level == SOL_SOCKET && m->cmsg_type == SO_TIMESTAMPING) read_stamp(m, out);
    if (!is_extended_error(m)) continue;
    const auto error = value_of<sock_extended_err>(m);
    if (!error) continue;
    found = ExtendedError{error->ee_origin, error->ee_data};
    out.error = static_cast<int>(error->ee_errno);
    if (error->ee_origin != SO_EE_ORIGIN_ICMP && error->ee_origin != SO_EE_ORIGIN_ICMP6) continue;
    out.icmp_type = error->ee_type;
    out.icmp_code = error->ee_code;
    out.reporter = reporter_of(m);
  }
  return found;
}

template <typename T>
void PacketControl::append(msghdr& header, int level, int type, const T& value) {
  const std::size_t used = header.msg_controllen;
  auto* const m = reinterpret_cast<cmsghdr*>(room_.data() + used);
  m->cmsg_level = level;
  m->cmsg_type = type;
  m->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(m), &value, sizeof value);
  header.msg_control = room_.data();
  header.msg_controllen = used + CMSG_SPACE(sizeof value);
}

void PacketControl::apply(msghdr& header, Family family, const Outgoing& packet) {
  const bool has_source = !packet.from.is_unspecified();
  if (!has_source && packet.hop_limit == 0) return;
  room_ = {};
  const bool v4 = family == Family::v4;
  if (has_source && v4) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, packet.from.bytes().data(), 4);
    append(header, IPPROTO_IP, IP_PKTINFO, info);
  } else if (has_source) {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, packet.from.bytes().data(), 16);
    info.ipi6_ifindex = packet.from.scope();
    append(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
  if (packet.hop_limit != 0)
    append(header, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_HOPLIMIT, packet.hop_limit);
}

}  // namespace sonde
