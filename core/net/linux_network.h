#pragma once

#include <sys/epoll.h>

#include <array>

#include "core/base/linux_clock.h"
#include "core/net/network.h"

namespace sonde {

class Descriptor;
struct Pollable;
struct ReceiveRoom;
struct SocketAddress;

/// The network of this machine for one loop: epoll, kernel stamps, batches. Waits to the nanosecond as far as the
/// kernel goes, and tells the clock when it was stepped.
class LinuxNetwork final : public Network {
 public:
  explicit LinuxNetwork(const LinuxClock& clock);
  ~LinuxNetwork() override;
  std::unique_ptr<PacketSocket> open_udp(const PacketOptions& options) override;
  /// A raw socket; without CAP_NET_RAW the kernel's own echo socket, where net.ipv4.ping_group_range allows it.
  std::unique_ptr<PacketSocket> open_icmp(const PacketOptions& options) override;
  std::unique_ptr<Stream> connect(const Endpoint& to, const IpAddress& from,
                                  const StreamOptions& options = {}) override;
  std::unique_ptr<Listener> listen(const Endpoint& at) override;
  std::vector<InterfaceState> interfaces() override;
  std::optional<IpAddress> source_for(const IpAddress& to) override;
  void watch(PacketSocket& socket, std::uint64_t token) override;
  void watch(Stream& stream, std::uint64_t token, bool want_write) override;
  void watch(Listener& listener, std::uint64_t token) override;
  void unwatch(Stream& stream) override;
  std::span<const Ready> wait(SteadyTime until) override;
  void wake() override;
  void rest(SteadyTime until) override;
  void warm_up() override;

 private:
  void watch(Pollable& what, std::uint64_t token, std::uint32_t events);
  void arm_step_timer();
  void be_precise();
  int wait_for_events(SteadyTime until);
  void take(const epoll_event& event);
  void take_overdue();

  const LinuxClock& clock_;
  const std::shared_ptr<ReceiveRoom> room_;
  // Own descriptors, each wrapped so that epoll can name it: the set itself, wake-up, due time, clock step, warm-up.
  std::unique_ptr<Pollable> epoll_, wake_, timer_, step_, warm_;
  SteadyTime armed_ = kNever;
  std::unique_ptr<SocketAddress> warm_self_;  // where the warming socket is; null = not bound yet
  bool precise_ = false;                      // this thread's timer slack has been taken away
  std::array<epoll_event, 256> events_;
  std::vector<Ready> ready_;
};

}  // namespace sonde
