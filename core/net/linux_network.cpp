#include "core/net/linux_network.h"

#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/base/error.h"
#include "core/net/linux_interfaces.h"
#include "core/net/linux_packet_socket.h"
#include "core/net/linux_stream.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;
/// Up to here epoll's own timeout is precise enough: the kernel allows it 0.1 % of slack. Beyond, a timer has none.
constexpr Duration kShortWait = 1500us;

timespec to_timespec(Duration d) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(d);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((d - seconds).count())};
}

std::unique_ptr<Pollable> own(int fd, const char* what) {
  if (fd < 0) throw Error("open", what, errno);
  return std::make_unique<Pollable>(Descriptor(fd));
}

void drain(const Pollable& counter) {
  std::uint64_t count;
  [[maybe_unused]] const auto got = ::read(counter.fd.get(), &count, sizeof count);
}

template <typename Interface>
Pollable& pollable(Interface& socket) {
  return dynamic_cast<Pollable&>(socket);
}

}  // namespace

LinuxNetwork::LinuxNetwork(const LinuxClock& clock)
    : clock_(clock),
      room_(std::make_shared<ReceiveRoom>()),
      epoll_(own(::epoll_create1(EPOLL_CLOEXEC), "epoll")),
      wake_(own(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")),
      timer_(own(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "a timer")),
      step_(own(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC), "a timer")),
      warm_(std::make_unique<Pollable>(open_socket(Family::v4, SOCK_DGRAM, IPPROTO_UDP))) {
  // The kernel stamps nothing before somebody wants it, and begins a moment later: this socket wants it all along.
  set_option(warm_->fd.get(), SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE,
             "SO_TIMESTAMPING");
  arm_step_timer();
  for (Pollable* const one : {wake_.get(), timer_.get(), step_.get()}) watch(*one, 0, EPOLLIN);
}

LinuxNetwork::~LinuxNetwork() = default;

std::unique_ptr<PacketSocket> LinuxNetwork::open_udp(const PacketOptions& options) {
  return LinuxPacketSocket::udp(options, room_, clock_);
}

std::unique_ptr<PacketSocket> LinuxNetwork::open_icmp(const PacketOptions& options) {
  return LinuxPacketSocket::icmp(options, room_, clock_);
}

std::unique_ptr<Stream> LinuxNetwork::connect(const Endpoint& to, const IpAddress& from, const StreamOptions& options) {
  return LinuxStream::connect(to, from, options, room_);
}

std::unique_ptr<Listener> LinuxNetwork::listen(const Endpoint& at) {
  return std::make_unique<LinuxListener>(at, room_);
}

std::vector<InterfaceState> LinuxNetwork::interfaces() { return read_interfaces(); }

std::optional<IpAddress> LinuxNetwork::source_for(const IpAddress& to) {
  const Descriptor probe = open_socket(to.family(), SOCK_DGRAM, IPPROTO_UDP);
  // Connecting a UDP socket sends nothing; the kernel only looks the route up. Any port will do.
  const SocketAddress address = to_socket_address({to, 9});
  if (::connect(probe.get(), address.get(), address.length) != 0) return std::nullopt;
  return local_endpoint(probe.get()).address;
}

void LinuxNetwork::watch(Pollable& what, std::uint64_t token, std::uint32_t events) {
  what.token = token;
  if (what.watched_events == events) return;
  epoll_event event{};
  event.events = events;
  event.data.ptr = &what;
  const int action = what.watched_events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (::epoll_ctl(epoll_->fd.get(), action, what.fd.get(), &event) != 0) throw Error("watch", "a socket", errno);
  what.watched_events = events;
}

void LinuxNetwork::watch(PacketSocket& socket, std::uint64_t token) { watch(pollable(socket), token, EPOLLIN); }
void LinuxNetwork::watch(Listener& listener, std::uint64_t token) { watch(pollable(listener), token, EPOLLIN); }
void LinuxNetwork::watch(Stream& stream, std::uint64_t token, bool want_write) {
  watch(pollable(stream), token, want_write ? EPOLLIN | EPOLLOUT : EPOLLIN);
}
void LinuxNetwork::unwatch(Stream& stream) {
  Pollable& what = pollable(stream);
  if (what.watched_events != 0) ::epoll_ctl(epoll_->fd.get(), EPOLL_CTL_DEL, what.fd.get(), nullptr);
  what.watched_events = 0;
}

void LinuxNetwork::arm_step_timer() {
  // Due in a time that never comes; cancelled by the kernel when someone sets the clock.
  itimerspec far{};
  far.it_value.tv_sec = INT64_C(1) << 33;
  ::timerfd_settime(step_->fd.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, nullptr);
}

int LinuxNetwork::wait_for_events(SteadyTime until) {
  const int fd = epoll_->fd.get(), most = static_cast<int>(events_.size());
  const Duration left = until == kNever        ? Duration::max()
                        : until < SteadyTime{} ? Duration::zero()
                                               : until - clock_.steady_now();
  if (left <= Duration::zero() || !room_->overdue.empty()) return ::epoll_wait(fd, events_.data(), most, 0);
  if (left <= kShortWait) {
    const timespec timeout = to_timespec(left);
    return ::epoll_pwait2(fd, events_.data(), most, &timeout, nullptr);
  }
  if (until != kNever && until != armed_) {
    itimerspec due{};
    due.it_value = to_timespec(until.time_since_epoch());
    ::timerfd_settime(timer_->fd.get(), TFD_TIMER_ABSTIME, &due, nullptr);
    armed_ = until;
  }
  return ::epoll_wait(fd, events_.data(), most, -1);
}

void LinuxNetwork::take(const epoll_event& event) {
  auto* const what = static_cast<Pollable*>(event.data.ptr);
  if (what == wake_.get()) return drain(*wake_);
  if (what == timer_.get()) {
    armed_ = kNever;
    return drain(*timer_);
  }
  if (what == step_.get()) {
    drain(*step_);
    arm_step_timer();
    clock_.check_step();
    return;
  }
  const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
  if ((event.events & EPOLLERR) != 0) what->error_waits = true;
  ready_.push_back({what->token, broken || (event.events & EPOLLIN) != 0, broken || (event.events & EPOLLOUT) != 0});
}

void LinuxNetwork::take_overdue() {
  for (const Pollable* const socket : room_->overdue) {
    const auto same = [&](const Ready& r) { return r.token == socket->token; };
    if (socket->watched_events != 0 && std::ranges::none_of(ready_, same))
      ready_.push_back({socket->token, true, false});
  }
}

void LinuxNetwork::be_precise() {
  if (!std::exchange(precise_, true)) ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

void LinuxNetwork::rest(SteadyTime until) {
  be_precise();
  if (until <= SteadyTime{}) return;
  const timespec due = to_timespec(until.time_since_epoch());
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
}

std::span<const Ready> LinuxNetwork::wait(SteadyTime until) {
  be_precise();
  ready_.clear();
  const int count = wait_for_events(until);
  if (count < 0 && errno != EINTR) throw Error("wait for", "the network", errno);
  for (int i = 0; i < count; ++i) take(events_[static_cast<std::size_t>(i)]);
  take_overdue();
  return ready_;
}

void LinuxNetwork::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_->fd.get(), &one, sizeof one);
}

void LinuxNetwork::warm_up() {
  if (!warm_self_) {
    const SocketAddress loopback = to_socket_address({IpAddress::loopback(Family::v4), 0});
    if (::bind(warm_->fd.get(), loopback.get(), loopback.length) != 0) return;
    warm_self_ = std::make_unique<SocketAddress>(to_socket_address(local_endpoint(warm_->fd.get())));
    // Hears nobody but itself. A node without a loopback interface measures as well, only colder.
    if (::connect(warm_->fd.get(), warm_self_->get(), warm_self_->length) != 0) return;
  }
  std::array<char, 64> data{};
  for (int i = 0; i < 3; ++i) {
    // With the address, so that the route is looked up too, as most sessions do.
    [[maybe_unused]] const auto sent =
        ::sendto(warm_->fd.get(), data.data(), data.size(), 0, warm_self_->get(), warm_self_->length);
    [[maybe_unused]] const auto got = ::recv(warm_->fd.get(), data.data(), data.size(), MSG_DONTWAIT);
  }
}

}  // namespace sonde
