#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/net/linux_socket.h"
#include "probes/throughput/lane.h"

namespace sonde::throughput {
namespace {

using namespace std::chrono_literals;

constexpr Duration kAnswerWithin = 10s, kFirstRepeat = 250ms, kLook = 10ms;
constexpr int kStrayDatagrams = 64;

/// True once something can be read.
bool readable(int fd, Duration within) {
  pollfd poll{fd, POLLIN, 0};
  return ::poll(&poll, 1, static_cast<int>(within / 1ms)) > 0;
}

void shape(const Plan& plan, int fd) {
  const int buffer = plan.window_octets != 0 ? static_cast<int>(plan.window_octets) : 4 << 20;
  try_option(fd, SOL_SOCKET, SO_RCVBUF, buffer);
  try_option(fd, SOL_SOCKET, SO_SNDBUF, buffer);
  const bool v4 = plan.peer.address.family() == Family::v4;
  if (plan.traffic_class != 0)
    set_option(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, plan.traffic_class, "traffic class");
}

int connect_to(int fd, const Endpoint& peer) {
  const SocketAddress address = to_socket_address(peer);
  return ::connect(fd, address.get(), address.length) == 0 ? 0 : errno;
}

}  // namespace

UdpOpener::UdpOpener(const Plan& plan, End end, std::size_t streams) : plan_(plan), end_(end), streams_(streams) {
  if (end_ == End::server) listener_ = open_listener();
  thread_ = std::jthread([this] {
    try {
      for (std::size_t i = 0; i < streams_ && !stop_; ++i)
        end_ == End::server ? answer_one(i + 1 == streams_) : ask_one();
      ready_ = !stop_;
    } catch (const Error& error) {
      fail(error.what());
    }
  });
}

UdpOpener::~UdpOpener() {
  stop_ = true;
  thread_.join();
}

Mover::Opening UdpOpener::opening() const {
  const std::lock_guard lock(mutex_);
  return {ready_, trouble_};
}

std::vector<Descriptor> UdpOpener::take() { return std::exchange(sockets_, {}); }

void UdpOpener::fail(const std::string& trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = trouble;
}

Descriptor UdpOpener::open_listener() const {
  Descriptor fd = open_socket(plan_.peer.address.family(), SOCK_DGRAM, IPPROTO_UDP);
  // The streams before share the port, but are connected: only what nobody else gets comes here.
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
  shape(plan_, fd.get());
  bind_to(fd.get(), plan_.local);
  return fd;
}

/// The next stream is whoever speaks first from the client's address; anybody else is not even answered.
void UdpOpener::answer_one(bool last) {
  const Duration limit = Pacer::steady() + kAnswerWithin;
  while (!stop_) {
    if (Pacer::steady() > limit) throw Error("No UDP stream came from the client within 10 s.");
    if (!readable(listener_.get(), kLook)) continue;
    std::array<std::byte, 64> hello;
    SocketAddress from;
    const ssize_t got = ::recvfrom(listener_.get(), hello.data(), hello.size(), 0, from.get(), &from.length);
    if (got < 0) continue;
    const Endpoint client = to_endpoint(from.get());
    if (client.address != plan_.peer.address) continue;
    if (const int error = connect_to(listener_.get(), client); error != 0) throw Error("answer", client.text(), error);
    // Strangers may have spoken before the socket was kept to one peer.
    for (int i = 0; i < kStrayDatagrams && ::recv(listener_.get(), nullptr, 0, MSG_DONTWAIT) >= 0; ++i) {
    }
    const bool old = got == 4 && std::equal(kOldUdpHello.begin(), kOldUdpHello.end(), hello.begin());
    sockets_.push_back(std::exchange(listener_, {}));
    if (!last) listener_ = open_listener();
    ::send(sockets_.back().get(), (old ? kOldUdpAnswer : kUdpAnswer).data(), 4, 0);
    return;
  }
}

void UdpOpener::ask_one() {
  Descriptor fd = open_socket(plan_.peer.address.family(), SOCK_DGRAM, IPPROTO_UDP);
  shape(plan_, fd.get());
  bind_to(fd.get(), {plan_.local.address, 0});
  if (const int error = connect_to(fd.get(), plan_.peer); error != 0) throw Error("reach", plan_.peer.text(), error);
  const Duration begin = Pacer::steady();
  Duration repeat = kFirstRepeat, next = begin;
  while (!stop_) {
    const Duration now = Pacer::steady();
    if (now - begin > kAnswerWithin)
      throw Error("The server did not answer on UDP port " + std::to_string(plan_.peer.port) +
                  " within 10 s: a firewall may drop UDP on the way.");
    // A second hello could open a second stream: only where there is but one may it be said again.
    if (now >= next) {
      ::send(fd.get(), kUdpHello.data(), kUdpHello.size(), 0);
      next = streams_ == 1 ? now + repeat : Duration::max();
      repeat *= 2;
    }
    if (!readable(fd.get(), kLook)) continue;
    std::array<std::byte, 64> answer;
    const ssize_t got = ::recv(fd.get(), answer.data(), answer.size(), MSG_TRUNC);
    if (got < 0 && errno == ECONNREFUSED)
      throw Error("The server's host says that nobody listens on UDP port " + std::to_string(plan_.peer.port) + ".");
    // In reverse the first data may overtake the answer.
    if (got >= 4) break;
  }
  sockets_.push_back(std::move(fd));
}

}  // namespace sonde::throughput
