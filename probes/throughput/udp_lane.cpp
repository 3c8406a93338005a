#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "probes/throughput/lane.h"
#include "probes/throughput/sequence_check.h"

namespace sonde::throughput {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTick = 50ms;
constexpr Duration kLongestBatch = 100us;  // at the planned rate: what leaves at once is a burst to the path
constexpr Duration kMostCaughtUp = 1ms;
constexpr std::size_t kMostSegments = 64, kMostAtOnce = 65'000;
constexpr std::size_t kMessages = 16, kMessageOctets = 65'536;

void make_blocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  const timeval tick{0, kTick / 1us};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tick, sizeof tick);
}

class UdpSender final : public Lane {
 public:
  UdpSender(const Plan& plan, Descriptor fd, const Clock& clock, Orders& orders)
      : Lane(plan, clock, orders), fd_(std::move(fd)), most_(segments(plan)), memory_(most_ * plan.block_octets) {}
  ~UdpSender() override { join(); }
  void kick() override { ::shutdown(fd_.get(), SHUT_RDWR); }
  std::string how() const override {
    return most_ > 1 && offload_
               ? "datagrams cut by the kernel (UDP_SEGMENT), up to " + std::to_string(most_) + " at once"
               : "one datagram a call";
  }

 private:
  static std::size_t segments(const Plan& plan) {
    std::size_t most = std::min(kMostSegments, kMostAtOnce / plan.block_octets);
    if (plan.rate_bps != 0) {
      const double octets = static_cast<double>(plan.rate_bps) / 8 * to_seconds(kLongestBatch);
      most = std::min(most, static_cast<std::size_t>(octets / static_cast<double>(plan.block_octets)));
    }
    return std::max<std::size_t>(most, 1);
  }

  void run() override {
    make_blocking(fd_.get());
    Pacer pacer(plan_.rate_bps, slack());
    const auto size = static_cast<std::int64_t>(plan_.block_octets);
    while (pacer.wait([this] { return stop_sending(); })) {
      const std::int64_t wanted = size * static_cast<std::int64_t>(offload_ ? most_ : 1);
      const std::int64_t granted = orders_.claim(wanted);
      if (granted == 0) break;
      const auto packets = static_cast<std::size_t>((granted + size - 1) / size);  // the last one is whole, too
      const int error = send(packets);
      if (error != 0) {
        orders_.to_come.fetch_add(granted);
        if (!bearable(error)) return break_off(reason_of(error));
        continue;
      }
      sequence_ += packets;
      count(packets * plan_.block_octets, packets);
      pacer.sent(packets * plan_.block_octets);
    }
  }

  /// What may be caught up with: as much as one batch is long, so that no window of time gets noticeably more.
  Duration slack() const {
    if (plan_.rate_bps == 0) return {};
    const double interval = static_cast<double>(plan_.block_octets) * 8e9 / static_cast<double>(plan_.rate_bps);
    return std::clamp(Duration{static_cast<Duration::rep>(std::min(interval, 1e9))}, kLongestBatch, kMostCaughtUp);
  }

  /// 0 or an errno; all or nothing.
  int send(std::size_t packets) {
    const Duration now = Pacer::steady();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    DatagramHeader header{static_cast<std::uint32_t>(seconds.count()),
                          static_cast<std::uint32_t>((now - seconds) / 1us), sequence_};
    for (std::size_t i = 0; i < packets; ++i) {
      ++header.sequence;
      encode(header, plan_.wide_counters, memory_.data() + i * plan_.block_octets);
    }
    iovec part{memory_.data(), packets * plan_.block_octets};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
    if (packets > 1) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* const word = CMSG_FIRSTHDR(&message);
      word->cmsg_level = IPPROTO_UDP;
      word->cmsg_type = UDP_SEGMENT;
      word->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      const auto size = static_cast<std::uint16_t>(plan_.block_octets);
      std::memcpy(CMSG_DATA(word), &size, sizeof size);
    }
    return ::sendmsg(fd_.get(), &message, 0) >= 0 ? 0 : errno;
  }

  /// What passes: a full buffer, a peer that is not there yet, a device that cannot cut (then we do).
  bool bearable(int error) {
    if (error == EINVAL || error == EIO || error == EOPNOTSUPP) return offload_.exchange(false);
    if (error == ENOBUFS) Pacer::sleep_until(Pacer::steady() + 100us);
    return error == EAGAIN || error == EINTR || error == ENOBUFS || error == ECONNREFUSED;
  }

  const Descriptor fd_;
  const std::size_t most_;
  Bytes memory_;
  std::uint64_t sequence_ = 0;
  std::atomic<bool> offload_{true};
};

class UdpReceiver final : public Lane {
 public:
  UdpReceiver(const Plan& plan, Descriptor fd, const Clock& clock, Orders& orders)
      : Lane(plan, clock, orders), fd_(std::move(fd)), room_(new std::byte[kMessages * kMessageOctets]) {
    make_blocking(fd_.get());
    try_option(fd_.get(), IPPROTO_UDP, UDP_GRO, 1);
    try_option(fd_.get(), SOL_SOCKET, SO_RXQ_OVFL, 1);
  }
  ~UdpReceiver() override { join(); }
  void kick() override { ::shutdown(fd_.get(), SHUT_RDWR); }
  std::string how() const override { return "every datagram's header read"; }

 private:
  struct Message {
    iovec part;
    alignas(cmsghdr) std::array<char, 128> control;
  };

  void run() override {
    int silent = 0;
    while (!orders_.abort) {
      std::array<mmsghdr, kMessages> headers;
      prepare(headers);
      const int got = ::recvmmsg(fd_.get(), headers.data(), kMessages, MSG_WAITFORONE, nullptr);
      if (got <= 0) {
        if (got < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED) return break_off(reason_of(errno));
        if (orders_.finish_receiving && ++silent >= 2) return;
        continue;
      }
      silent = 0;
      const Duration now = Pacer::steady();
      std::uint64_t octets = 0, packets = 0;
      for (int i = 0; i < got; ++i) take(headers[static_cast<std::size_t>(i)], now, octets, packets);
      publish(octets, packets);
    }
  }

  void prepare(std::array<mmsghdr, kMessages>& headers) {
    for (std::size_t i = 0; i < kMessages; ++i) {
      messages_[i].part = {room_.get() + i * kMessageOctets, kMessageOctets};
      headers[i] = {};
      headers[i].msg_hdr.msg_iov = &messages_[i].part;
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_control = messages_[i].control.data();
      headers[i].msg_hdr.msg_controllen = messages_[i].control.size();
    }
  }

  /// One message: a datagram, or several of one size that the kernel put together.
  void take(mmsghdr& message, Duration now, std::uint64_t& octets, std::uint64_t& packets) {
    const auto* const data = static_cast<const std::byte*>(message.msg_hdr.msg_iov->iov_base);
    std::size_t left = message.msg_len, step = left;
    for (cmsghdr* word = CMSG_FIRSTHDR(&message.msg_hdr); word; word = CMSG_NXTHDR(&message.msg_hdr, word)) {
      int value = 0;
      std::memcpy(&value, CMSG_DATA(word), sizeof value);
      if (word->cmsg_level == IPPROTO_UDP && word->cmsg_type == UDP_GRO) step = static_cast<std::size_t>(value);
      if (word->cmsg_level == SOL_SOCKET && word->cmsg_type == SO_RXQ_OVFL)
        counters.dropped_here = static_cast<std::uint32_t>(value);
    }
    if (step == 0) return;
    for (std::size_t at = 0; at < message.msg_len; at += step, left -= std::min(step, left))
      take_datagram({data + at, std::min(step, left)}, now, octets, packets);
  }

  void take_datagram(std::span<const std::byte> datagram, Duration now, std::uint64_t& octets, std::uint64_t& packets) {
    if (datagram.size() < header_octets(plan_.wide_counters)) return;
    const DatagramHeader header = decode_datagram(datagram, plan_.wide_counters);
    const std::uint64_t copies = check_.duplicates();
    check_.take(header.sequence);
    octets += datagram.size();
    packets += 1;
    if (check_.duplicates() == copies)
      jitter_.take(to_seconds(now) - header.seconds - static_cast<double>(header.microseconds) * 1e-6);
  }

  void publish(std::uint64_t octets, std::uint64_t packets) {
    if (packets == 0) return;
    count(octets, 0);
    counters.packets = check_.highest();
    counters.lost = check_.lost();
    counters.out_of_order = check_.out_of_order();
    counters.duplicates = check_.duplicates();
    counters.jitter_seconds = jitter_.seconds();
  }

  const Descriptor fd_;
  const std::unique_ptr<std::byte[]> room_;
  std::array<Message, kMessages> messages_;
  SequenceCheck check_;
  Jitter jitter_;
};

}  // namespace

std::unique_ptr<Lane> make_udp_lane(const Plan& plan, Role role, Descriptor socket, const Clock& clock,
                                    Orders& orders) {
  if (role == Role::send) return std::make_unique<UdpSender>(plan, std::move(socket), clock, orders);
  return std::make_unique<UdpReceiver>(plan, std::move(socket), clock, orders);
}

}  // namespace sonde::throughput
