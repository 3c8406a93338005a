#include "test/bench/throughput_pacing.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/base/linux_clock.h"
#include "core/net/linux_socket.h"
#include "probes/throughput/mover.h"

namespace sonde::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kPort = 5203;
constexpr std::uint64_t kRate = 1'000'000'000, kBlock = 1448;

/// What came, by the kernel's stamp.
struct Arrival {
  std::int64_t nanoseconds = 0;
  std::size_t octets = 0;
};

Arrival receive(int fd) {
  std::array<char, 2048> room;
  alignas(cmsghdr) std::array<char, 128> control;
  SocketAddress from;
  iovec part{room.data(), room.size()};
  msghdr message{from.get(), from.length, &part, 1, control.data(), control.size(), 0};
  const ssize_t got = ::recvmsg(fd, &message, MSG_DONTWAIT);
  if (got < 0) return {};
  if (got == 4) {
    ::sendto(fd, throughput::kUdpAnswer.data(), 4, 0, from.get(), message.msg_namelen);
    return {1, 0};
  }
  Arrival arrival{1, static_cast<std::size_t>(got)};
  for (cmsghdr* word = CMSG_FIRSTHDR(&message); word; word = CMSG_NXTHDR(&message, word)) {
    timespec time{};
    if (word->cmsg_level != SOL_SOCKET || word->cmsg_type != SO_TIMESTAMPNS) continue;
    std::memcpy(&time, CMSG_DATA(word), sizeof time);
    arrival.nanoseconds = time.tv_sec * 1'000'000'000 + time.tv_nsec;
  }
  return arrival;
}

std::vector<Arrival> collect(const IpAddress& address, const std::stop_token& stop) {
  const Descriptor fd = open_socket(address.family(), SOCK_DGRAM, IPPROTO_UDP);
  try_option(fd.get(), SOL_SOCKET, SO_RCVBUF, 4 << 20);
  set_option(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, 1, "SO_TIMESTAMPNS");
  bind_to(fd.get(), {address, kPort});
  std::vector<Arrival> all;
  all.reserve(400'000);
  while (!stop.stop_requested()) {
    pollfd poll{fd.get(), POLLIN, 0};
    if (::poll(&poll, 1, 20) <= 0) continue;
    for (Arrival one = receive(fd.get()); one.nanoseconds != 0; one = receive(fd.get()))
      if (one.octets > 0) all.push_back(one);
  }
  return all;
}

void send(const IpAddress& address) {
  const LinuxClock clock;
  throughput::Plan plan;
  plan.udp = true;
  plan.flows = {{1, throughput::Role::send}};
  plan.block_octets = kBlock;
  plan.rate_bps = kRate;
  plan.local = {IpAddress::any(address.family()), 0};
  plan.peer = {address, kPort};
  const auto mover = throughput::make_thread_mover(plan, clock);
  mover->open_udp(throughput::End::client);
  for (int i = 0; i < 500 && !mover->opening().ready; ++i) std::this_thread::sleep_for(10ms);
  if (!mover->opening().ready) throw Error("The paced sender found nobody: " + mover->opening().trouble);
  mover->start();
  std::this_thread::sleep_for(2s);
  mover->stop_sending();
  while (!mover->read().front().ended) std::this_thread::sleep_for(1ms);
}

double percentile(const std::vector<Arrival>& arrivals) {
  if (arrivals.empty()) throw Error("Nothing came of the paced stream.");
  const std::int64_t begin = arrivals.front().nanoseconds;
  std::vector<double> windows(static_cast<std::size_t>((arrivals.back().nanoseconds - begin) / 1'000'000 + 1));
  for (const Arrival& one : arrivals)
    windows[static_cast<std::size_t>((one.nanoseconds - begin) / 1'000'000)] += static_cast<double>(one.octets);
  std::ranges::sort(windows);
  return windows[windows.size() * 99 / 100] / (static_cast<double>(kRate) / 8000);
}

}  // namespace

double pacing_p99(const NetworkNamespace& from, const NetworkNamespace& to, const IpAddress& address) {
  std::vector<Arrival> arrivals;
  std::jthread receiver([&](std::stop_token stop) {
    enter_namespace(to.name());
    arrivals = collect(address, stop);
  });
  std::this_thread::sleep_for(200ms);
  from.run([&] { send(address); });
  std::this_thread::sleep_for(100ms);
  receiver.request_stop();
  receiver.join();
  return percentile(arrivals);
}

}  // namespace sonde::test
