#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/net/linux_socket.h"
#include "probes/throughput/lane.h"
#include "probes/throughput/page_pipe.h"

namespace sonde::throughput {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTick = 100ms;                      // the longest that a blocking call keeps a lane from its orders
constexpr Duration kEndWithin = 5s;                    // for the last block, and the peer to take what is in our buffer
constexpr std::size_t kLongWrite = PagePipe::kOctets;  // of one call, where the operator did not choose
constexpr std::size_t kRead = 4 << 20, kLowWater = 256 << 10;
constexpr Duration kSlack = 20ms;  // the kernel paces what we write late
constexpr double kHeaders = 1.1;   // its rate counts them, ours does not
constexpr int kOff = 0;

void set(int fd, int level, int name, std::int64_t value, const char* what) {
  if (::setsockopt(fd, level, name, &value, name == SO_MAX_PACING_RATE ? sizeof value : sizeof(int)) != 0)
    throw Error("set on a data connection", what, errno);
}

/// What was not said before the connection was made: all of it, at the server's end.
void apply(const Plan& plan, int fd, Family family) {
  if (plan.window_octets != 0) {
    set(fd, SOL_SOCKET, SO_SNDBUF, static_cast<std::int64_t>(plan.window_octets), "SO_SNDBUF");
    set(fd, SOL_SOCKET, SO_RCVBUF, static_cast<std::int64_t>(plan.window_octets), "SO_RCVBUF");
  }
  if (plan.traffic_class != 0) {
    const bool v4 = family == Family::v4;
    set(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, plan.traffic_class, "traffic class");
  }
  if (plan.rate_bps != 0)
    set(fd, SOL_SOCKET, SO_MAX_PACING_RATE,
        static_cast<std::int64_t>(kHeaders * static_cast<double>(plan.rate_bps) / 8), "SO_MAX_PACING_RATE");
  // A congestion control that this host lacks changes nothing: the one in use is told in the results.
  if (!plan.congestion.empty())
    ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, plan.congestion.data(),
                 static_cast<socklen_t>(plan.congestion.size()));
  if (!plan.no_delay) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &kOff, sizeof kOff);
  const timeval tick{0, kTick / 1us};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tick, sizeof tick);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

std::optional<tcp_info> ask(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
  return info;
}

class TcpLane : public Lane {
 public:
  TcpLane(const Plan& plan, std::unique_ptr<Stream> stream, const Clock& clock, Orders& orders)
      : Lane(plan, clock, orders), stream_(std::move(stream)), fd_(stream_->descriptor()) {
    apply(plan, fd_, stream_->local().address.family());
  }

  void kick() override { ::shutdown(fd_, SHUT_RDWR); }

 protected:
  const std::unique_ptr<Stream> stream_;
  const int fd_;
};

class TcpSender final : public TcpLane {
 public:
  using TcpLane::TcpLane;
  ~TcpSender() override { join(); }
  std::string how() const override { return copies_ ? "written from memory" : "sent without a copy (splice)"; }

 private:
  void run() override {
    copies_ = !pipe_.open();
    if (copies_) memory_.resize(kLongWrite);
    Pacer pacer(plan_.rate_bps, kSlack);
    while (pacer.wait([this] { return stop_sending(); })) {
      const std::int64_t granted = orders_.claim(static_cast<std::int64_t>(block()));
      if (granted == 0) break;
      const ssize_t sent = send(static_cast<std::size_t>(granted));
      if (sent < granted) orders_.to_come.fetch_add(granted - std::max<ssize_t>(sent, 0));
      if (sent < 0) return break_off(reason_of(errno));
      pacer.sent(static_cast<std::uint64_t>(sent));
    }
    const SteadyTime limit = clock_.steady_now() + kEndWithin;
    if (finish_block(limit)) drain(limit);
  }

  /// Newer iperf3 (3.21 does, 3.12 does not) counts what it received in whole blocks: the last one must be whole. False
  /// = broken off.
  bool finish_block(SteadyTime limit) {
    while (!orders_.abort && clock_.steady_now() < limit) {
      const std::uint64_t begun = counters.octets % plan_.block_octets;
      if (begun == 0) break;
      if (send(plan_.block_octets - begun) >= 0) continue;
      break_off(reason_of(errno));
      return false;
    }
    return true;
  }

  /// At a planned rate, what leaves in a millisecond; else long writes, which are the cheapest.
  std::size_t block() const {
    if (plan_.rate_bps != 0)
      return std::clamp<std::size_t>(plan_.rate_bps / 8000, std::min<std::size_t>(1448, plan_.block_octets),
                                     plan_.block_octets);
    return plan_.block_was_chosen ? plan_.block_octets : kLongWrite;
  }

  /// What was taken and counted, 0 where there was no room in time; below 0 an error that ends the stream, in errno.
  ssize_t send(std::size_t size) {
    const ssize_t sent =
        copies_ ? ::send(fd_, memory_.data(), std::min(size, memory_.size()), MSG_NOSIGNAL) : pipe_.send(fd_, size);
    if (sent > 0) count(static_cast<std::uint64_t>(sent), 0);
    return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
  }

  /// Until the peer's kernel has acknowledged everything: then both ends count the same.
  void drain(SteadyTime limit) {
    int left = 1;
    while (!orders_.abort && clock_.steady_now() < limit && ::ioctl(fd_, SIOCOUTQ, &left) == 0 && left > 0)
      Pacer::sleep_until(Pacer::steady() + 2ms);
  }

  std::optional<TcpState> tcp() const override {
    const auto info = ask(fd_);
    if (!info) return std::nullopt;
    TcpState state;
    state.retransmits = info->tcpi_total_retrans;
    state.window_octets = std::uint64_t{info->tcpi_snd_cwnd} * info->tcpi_snd_mss;
    state.peer_window_octets = info->tcpi_snd_wnd;
    state.round_trip = std::chrono::microseconds{info->tcpi_rtt};
    state.round_trip_variation = std::chrono::microseconds{info->tcpi_rttvar};
    state.least_round_trip = std::chrono::microseconds{info->tcpi_min_rtt};
    state.path_mtu = info->tcpi_pmtu;
    state.busy = std::chrono::microseconds{info->tcpi_busy_time};
    state.peer_window_limited = std::chrono::microseconds{info->tcpi_rwnd_limited};
    state.send_buffer_limited = std::chrono::microseconds{info->tcpi_sndbuf_limited};
    return state;
  }

  PagePipe pipe_;
  std::atomic<bool> copies_{false};
  Bytes memory_;
};

class TcpReceiver final : public TcpLane {
 public:
  using TcpLane::TcpLane;
  ~TcpReceiver() override { join(); }
  std::string how() const override { return "discarded unread"; }

 private:
  void run() override {
    int silent = 0;
    while (!orders_.abort) {
      const ssize_t got = ::recv(fd_, nullptr, kRead, MSG_TRUNC);
      if (got > 0) {
        take(static_cast<std::size_t>(got));
        silent = 0;
        continue;
      }
      if (got == 0) return;
      if (errno != EAGAIN && errno != EINTR) return break_off(reason_of(errno));
      if (orders_.finish_receiving && ++silent >= patience()) return;
    }
  }

  /// A fast stream wakes us once for much; then what came in less may have waited here, and its time is the kernel's.
  void take(std::size_t got) {
    Duration waited{};
    if (low_water_ > 0 && got < low_water_)
      if (const auto info = ask(fd_))
        waited = std::min<Duration>(std::chrono::milliseconds{info->tcpi_last_data_recv}, kTick);
    count(got, 0, waited);
    if (low_water_ != 0 || got < kLowWater) return;
    low_water_ = kLowWater;
    try_option(fd_, SOL_SOCKET, SO_RCVLOWAT, static_cast<int>(kLowWater));
  }

  /// Ticks of silence after which nothing more is under way: a retransmission may take some round trips.
  int patience() const {
    const auto info = ask(fd_);
    const Duration wait = info ? 3 * std::chrono::microseconds{info->tcpi_rtt} : Duration{};
    return 1 + static_cast<int>(std::min<Duration>(wait, 2s) / kTick);
  }

  std::size_t low_water_ = 0;
};

}  // namespace

std::unique_ptr<Lane> make_tcp_lane(const Plan& plan, Role role, std::unique_ptr<Stream> stream, const Clock& clock,
                                    Orders& orders) {
  if (role == Role::send) return std::make_unique<TcpSender>(plan, std::move(stream), clock, orders);
  return std::make_unique<TcpReceiver>(plan, std::move(stream), clock, orders);
}

}  // namespace sonde::throughput
