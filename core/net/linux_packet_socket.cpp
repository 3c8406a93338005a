#include "core/net/linux_packet_socket.h"

#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/net/control_messages.h"

namespace sonde {
namespace {

constexpr int kEchoRequest4 = 8, kEchoReply4 = 0, kEchoRequest6 = 128, kEchoReply6 = 129;

std::uint16_t field(std::span<const std::byte> data, std::size_t at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(data[at]) << 8 | std::to_integer<unsigned>(data[at + 1]));
}

void set_field(std::span<std::byte> data, std::size_t at, unsigned value) {
  data[at] = static_cast<std::byte>(value >> 8);
  data[at + 1] = static_cast<std::byte>(value);
}

/// RFC 1071 over a message whose own field is zero.
unsigned checksum(std::span<const std::byte> message) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < message.size(); i += 2) sum += field(message, i);
  if (message.size() % 2 != 0) sum += std::to_integer<unsigned>(message.back()) << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/// No two raw sockets of this process share one, and two processes hardly ever.
std::uint16_t fresh_identifier() {
  static std::atomic<std::uint16_t> next{static_cast<std::uint16_t>(system_random()->below(65'536))};
  std::uint16_t id = ++next;
  while (id == 0) id = ++next;
  return id;
}

/// Errors of sending that say something of this packet; any other may be an old answer to an earlier packet.
bool is_own_error(int error) { return error == EAGAIN || error == ENOBUFS || error == EMSGSIZE || error == EBADF; }

/// By the shortest way: its stamp has been read already.
bool send_one(int fd, const msghdr& message) {
  if (message.msg_controllen != 0) return ::sendmsg(fd, &message, 0) >= 0;
  const iovec& part = *message.msg_iov;
  return ::sendto(fd, part.iov_base, part.iov_len, 0, static_cast<const sockaddr*>(message.msg_name),
                  message.msg_namelen) >= 0;
}

}  // namespace

std::unique_ptr<LinuxPacketSocket> LinuxPacketSocket::udp(const PacketOptions& options,
                                                          std::shared_ptr<ReceiveRoom> room, const Clock& clock) {
  Descriptor fd = open_socket(options.local.address.family(), SOCK_DGRAM, IPPROTO_UDP);
  return std::unique_ptr<LinuxPacketSocket>(
      new LinuxPacketSocket(std::move(fd), Kind::udp, options, std::move(room), clock));
}

std::unique_ptr<LinuxPacketSocket> LinuxPacketSocket::icmp(const PacketOptions& options,
                                                           std::shared_ptr<ReceiveRoom> room, const Clock& clock) {
  const Family family = options.local.address.family();
  const int protocol = family == Family::v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
  Kind kind = Kind::raw_icmp;
  Descriptor fd;
  try {
    fd = open_socket(family, SOCK_RAW, protocol);
  } catch (const Error& error) {
    if (error.errno_value() != EPERM && error.errno_value() != EACCES) throw;
    kind = Kind::kernel_icmp;
    fd = Descriptor(::socket(domain(family), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
    if (!fd) throw Error("open", "an ICMP socket without CAP_NET_RAW or net.ipv4.ping_group_range", errno);
  }
  return std::unique_ptr<LinuxPacketSocket>(
      new LinuxPacketSocket(std::move(fd), kind, options, std::move(room), clock));
}

LinuxPacketSocket::LinuxPacketSocket(Descriptor socket, Kind kind, const PacketOptions& options,
                                     std::shared_ptr<ReceiveRoom> room, const Clock& clock)
    : Pollable(std::move(socket)),
      kind_(kind),
      family_(options.local.address.family()),
      room_(std::move(room)),
      clock_(clock) {
  prepare(options);
  if (kind_ == Kind::raw_icmp) {
    identifier_ = fresh_identifier();
    take_only_own_replies();
  }
  bind_to(fd.get(), {options.local.address, kind_ == Kind::udp ? options.local.port : std::uint16_t{0}});
  local_ = local_endpoint(fd.get());
  if (kind_ == Kind::kernel_icmp) identifier_ = local_.port;
  if (kind_ != Kind::udp) local_.port = identifier_;
}

int LinuxPacketSocket::keep_to(const Endpoint& peer) {
  if (kind_ != Kind::udp || peer.port == 0) return EINVAL;
  const SocketAddress address = to_socket_address(peer);
  if (::connect(fd.get(), address.get(), address.length) != 0) return errno;
  peer_ = peer;
  local_ = local_endpoint(fd.get());
  return 0;
}

/// A connected socket sends to nobody else.
bool LinuxPacketSocket::allowed(const Endpoint& to) {
  if (peer_.port == 0 || to == peer_) return true;
  error_ = EINVAL;
  return false;
}

void LinuxPacketSocket::prepare(const PacketOptions& options) {
  const int s = fd.get();
  if (family_ == Family::v4) {
    for (const int wanted : {IP_RECVTTL, IP_RECVTOS, IP_PKTINFO, IP_RECVERR}) {
      set_option(s, IPPROTO_IP, wanted, 1, "IP_RECV...");
    }
    set_option(s, IPPROTO_IP, IP_TTL, options.hop_limit, "IP_TTL");
    set_option(s, IPPROTO_IP, IP_TOS, options.traffic_class, "IP_TOS");
  } else {
    for (const int wanted : {IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_RECVPKTINFO, IPV6_RECVERR}) {
      set_option(s, IPPROTO_IPV6, wanted, 1, "IPV6_RECV...");
    }
    set_option(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, options.hop_limit, "IPV6_UNICAST_HOPS");
    set_option(s, IPPROTO_IPV6, IPV6_TCLASS, options.traffic_class, "IPV6_TCLASS");
    if (options.without_flow_label) set_option(s, IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, 0, "IPV6_AUTOFLOWLABEL");
  }
  const int room = static_cast<int>(options.receive_buffer);
  if (!try_option(s, SOL_SOCKET, SO_RCVBUFFORCE, room)) set_option(s, SOL_SOCKET, SO_RCVBUF, room, "SO_RCVBUF");
  stamps_wanted_ = options.transmit_stamps;
  stamp_sending(stamps_wanted_);
}

void LinuxPacketSocket::stamp_sending(bool on) {
  constexpr int kReceive = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  constexpr int kSend = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
  set_option(fd.get(), SOL_SOCKET, SO_TIMESTAMPING, on ? kReceive | kSend : kReceive, "SO_TIMESTAMPING");
}

/// A raw socket sees all ICMP of the host: the kernel is told to keep everything but replies to our own identifier.
/// What routers answer comes through the error queue, which needs no filter of types.
void LinuxPacketSocket::take_only_own_replies() {
  std::vector<sock_filter> program;
  if (family_ == Family::v4) {
    icmp_filter types{~(1U << kEchoReply4)};
    ::setsockopt(fd.get(), SOL_RAW, ICMP_FILTER, &types, sizeof types);
    // The filter sees the IPv4 header first: its length goes to X.
    program = {BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4)};
  } else {
    icmp6_filter types;
    ICMP6_FILTER_SETBLOCKALL(&types);
    ICMP6_FILTER_SETPASS(kEchoReply6, &types);
    ::setsockopt(fd.get(), IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof types);
    program = {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4)};
  }
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, identifier_, 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, 0xffffffff));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) {
    throw Error("set socket option", "SO_ATTACH_FILTER", errno);
  }
}

/// ICMP: with our identifier, and with the checksum where the kernel leaves it to us.
std::span<const std::byte> LinuxPacketSocket::on_the_wire(std::span<const std::byte> payload) {
  if (kind_ == Kind::udp || payload.size() < 8) return payload;
  message_.assign(payload.begin(), payload.end());
  set_field(message_, 4, identifier_);
  set_field(message_, 2, 0);
  if (family_ == Family::v4) set_field(message_, 2, checksum(message_));
  return message_;
}

/// At most N packets in one call; room for one is most often enough and stays in the cache.
template <std::size_t N>
std::size_t LinuxPacketSocket::send_some(std::span<const Outgoing> batch) {
  std::array<mmsghdr, N> headers;
  std::array<iovec, N> parts;
  std::array<SocketAddress, N> targets;
  std::array<PacketControl, N> controls;
  const bool connected = peer_.port != 0;
  std::size_t n = 0;
  for (; n < std::min(batch.size(), N) && allowed(batch[n].to); ++n) {
    const Outgoing& packet = batch[n];
    const auto data = on_the_wire(packet.payload);
    parts[n] = {const_cast<std::byte*>(data.data()), data.size()};
    headers[n].msg_hdr = {nullptr, 0, &parts[n], 1, nullptr, 0, 0};
    // To a connected socket an address given again means to look up the route again.
    if (!connected) {
      targets[n] = to_socket_address({packet.to.address, kind_ == Kind::udp ? packet.to.port : std::uint16_t{0}});
      headers[n].msg_hdr.msg_name = targets[n].get();
      headers[n].msg_hdr.msg_namelen = targets[n].length;
    }
    controls[n].apply(headers[n].msg_hdr, family_, packet);
  }
  if (n == 0) return 0;
  const auto pass_on = [&]() -> int {
    if constexpr (N == 1) return send_one(fd.get(), headers[0].msg_hdr) ? 1 : -1;
    return ::sendmmsg(fd.get(), headers.data(), static_cast<unsigned>(n), 0);
  };
  int sent = pass_on();
  // An answer to an earlier packet is handed out once in place of sending; it waits in the error queue as well.
  if (sent < 0 && !is_own_error(errno)) sent = pass_on();
  if (sent >= 0) return static_cast<std::size_t>(sent);
  error_ = errno;
  return 0;
}

std::size_t LinuxPacketSocket::send(std::span<const Outgoing> batch) {
  error_ = 0;
  std::size_t sent = 0;
  while (sent < batch.size()) {
    // The one message of an ICMP socket is made anew for each packet.
    const bool single = batch.size() - sent == 1 || kind_ != Kind::udp;
    const std::size_t some = single ? send_some<1>(batch.subspan(sent, 1)) : send_some<32>(batch.subspan(sent));
    if (some == 0) break;
    sent += some;
  }
  sent_ += static_cast<std::uint32_t>(sent);
  if (sent < batch.size() && stamps_wanted_) {
    // The kernel may have numbered the packet that stayed here: it begins anew at the next one.
    read_errors();
    stamp_sending(false);
    stamp_sending(true);
    stamp_base_ = sent_;
  }
  return sent;
}

std::span<const Datagram> LinuxPacketSocket::receive() {
  received_.clear();
  if (error_waits) read_errors();
  if (!answers_.empty()) {
    not_overdue();
    answers_read_.clear();
    std::swap(answers_, answers_read_);
    for (Answer& answer : answers_read_) {
      answer.about.payload = answer.payload;
      received_.push_back(answer.about);
    }
    return received_;
  }
  receive_batch();
  return received_;
}

void LinuxPacketSocket::receive_batch() {
  auto& headers = room_->headers;
  int got = ::recvmmsg(fd.get(), headers.data(), headers.size(), MSG_DONTWAIT, nullptr);
  if (got < 0 && errno != EAGAIN) {
    // As in sending: an answer that also waits in the error queue.
    error_waits = true;
    got = ::recvmmsg(fd.get(), headers.data(), headers.size(), MSG_DONTWAIT, nullptr);
  }
  for (std::size_t i = 0; got > 0 && i < static_cast<std::size_t>(got); ++i) {
    Datagram datagram;
    const std::span<const std::byte> data(room_->packet(i), headers[i].msg_len);
    if (read_packet(headers[i].msg_hdr, data, datagram)) received_.push_back(datagram);
    room_->reset(i);
  }
}

bool LinuxPacketSocket::read_packet(msghdr& header, std::span<const std::byte> data, Datagram& out) const {
  if (kind_ == Kind::raw_icmp && family_ == Family::v4) {
    const std::size_t ip_header = data.empty() ? 0 : (std::to_integer<unsigned>(data[0]) & 0xf) * 4U;
    if (ip_header < 20 || data.size() < ip_header + 8) return false;
    data = data.subspan(ip_header);
  }
  out.payload = data;
  out.from = to_endpoint(static_cast<const sockaddr*>(header.msg_name));
  out.to = local_;
  if (kind_ != Kind::udp) out.from.port = 0;
  read_controls(header, out);
  if (out.stamp == StampSource::none) {
    out.arrival = clock_.utc_now();
    out.stamp = StampSource::user;
  }
  return true;
}

void LinuxPacketSocket::read_errors() {
  error_waits = false;
  for (;;) {
    std::array<std::byte, 2048> data;
    std::array<std::byte, ReceiveRoom::kControl> control;
    SocketAddress target;
    iovec part{data.data(), data.size()};
    msghdr header{target.get(), target.length, &part, 1, control.data(), control.size(), 0};
    const ssize_t got = ::recvmsg(fd.get(), &header, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (got < 0) break;
    read_error(header, std::span<const std::byte>(data).first(static_cast<std::size_t>(got)));
  }
  not_overdue();
  if (!answers_.empty()) room_->overdue.push_back(this);
}

LinuxPacketSocket::~LinuxPacketSocket() { not_overdue(); }

void LinuxPacketSocket::not_overdue() { std::erase(room_->overdue, this); }

void LinuxPacketSocket::read_error(msghdr& header, std::span<const std::byte> data) {
  Datagram about;
  const auto what = read_extended_error(header, about);
  if (!what) return;
  if (what->origin == SO_EE_ORIGIN_TIMESTAMPING) {
    if (about.stamp == StampSource::kernel) stamps_.push_back({stamp_base_ + what->data, about.arrival});
    return;
  }
  if (kind_ == Kind::raw_icmp) {
    // Raw sockets hear the answers to every ping of this host.
    const int request = family_ == Family::v4 ? kEchoRequest4 : kEchoRequest6;
    if (data.size() < 8 || std::to_integer<int>(data[0]) != request || field(data, 4) != identifier_) return;
  }
  if (header.msg_namelen > 0) about.from = to_endpoint(static_cast<const sockaddr*>(header.msg_name));
  about.to = local_;
  if (kind_ != Kind::udp) about.from.port = 0;
  if (about.stamp == StampSource::none) {
    about.arrival = clock_.utc_now();
    about.stamp = StampSource::user;
  }
  answers_.push_back({Bytes(data.begin(), data.end()), about});
}

std::span<const TransmitStamp> LinuxPacketSocket::transmit_stamps() {
  stamps_read_.clear();
  if (stamps_wanted_) read_errors();
  std::swap(stamps_, stamps_read_);
  return stamps_read_;
}

std::uint64_t LinuxPacketSocket::dropped_here() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_MEMINFO, info.data(), &length) != 0) return dropped_;
  // The kernel counts to 2^32 only.
  dropped_ += static_cast<std::uint32_t>(info[SK_MEMINFO_DROPS] - last_dropped_);
  last_dropped_ = info[SK_MEMINFO_DROPS];
  return dropped_;
}

}  // namespace sonde
