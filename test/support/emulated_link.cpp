#include "test/support/emulated_link.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <optional>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/linux_clock.h"
#include "core/base/random.h"
#include "core/net/address.h"
#include "test/support/namespaces.h"

namespace sonde::test {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kHead = 32;
constexpr std::uint32_t kTapped = 96;  ///< octets by which the tap tells packets apart

std::int64_t realtime() { return LinuxClock::kernel_time(CLOCK_REALTIME).count(); }
std::int64_t steady() { return LinuxClock::kernel_time(CLOCK_MONOTONIC).count(); }

/// When the packet was given to the device, or nothing when the tap does not know it. What is before it in the tap was
/// dropped by the device.
std::optional<std::int64_t> tapped(int tap, std::span<const std::byte> packet) {
  std::array<std::byte, kTapped> room;
  alignas(cmsghdr) std::array<std::byte, 128> control;
  for (;;) {
    iovec part{room.data(), room.size()};
    msghdr header{nullptr, 0, &part, 1, control.data(), control.size(), 0};
    const ssize_t got = ::recvmsg(tap, &header, 0);
    if (got <= 0) return std::nullopt;
    const auto head = packet.first(std::min(packet.size(), room.size()));
    if (!std::ranges::equal(std::span(room).first(static_cast<std::size_t>(got)), head)) continue;
    const cmsghdr* const stamp = CMSG_FIRSTHDR(&header);
    if (!stamp || stamp->cmsg_level != SOL_SOCKET || stamp->cmsg_type != SCM_TIMESTAMPNS) return std::nullopt;
    timespec at{};
    std::memcpy(&at, CMSG_DATA(stamp), sizeof at);
    return at.tv_sec * INT64_C(1'000'000'000) + at.tv_nsec;
  }
}

void read_ports(std::span<const std::byte> rest, PathRecord& out) {
  if (out.protocol == IPPROTO_UDP && rest.size() >= 8) {
    ByteReader udp(rest);
    out.from_port = udp.u16();
    out.to_port = udp.u16();
    rest = rest.subspan(8);
  }
  rest = rest.first(std::min(rest.size(), kHead));
  out.head.assign(rest.begin(), rest.end());
}

/// Who sends what to whom. Packets without a known header keep empty fields.
PathRecord describe(std::span<const std::byte> packet) {
  PathRecord out;
  const int version = packet.empty() ? 0 : std::to_integer<int>(packet[0] >> 4);
  if (version == 4 && packet.size() >= 20) {
    out.protocol = std::to_integer<int>(packet[9]);
    out.from = IpAddress::v4(packet.subspan<12, 4>()).text();
    out.to = IpAddress::v4(packet.subspan<16, 4>()).text();
    const std::size_t header = std::to_integer<std::size_t>(packet[0] & std::byte{15}) * 4;
    if (packet.size() >= header) read_ports(packet.subspan(header), out);
  } else if (version == 6 && packet.size() >= 40) {
    out.protocol = std::to_integer<int>(packet[6]);
    out.from = IpAddress::v6(packet.subspan<8, 16>()).text();
    out.to = IpAddress::v6(packet.subspan<24, 16>()).text();
    read_ports(packet.subspan(40), out);
  }
  return out;
}

}  // namespace

namespace {

/// Runs `what` on a thread inside the namespace.
void inside(const std::string& name_space, const std::function<void()>& what) {
  std::exception_ptr thrown;
  std::jthread([&] {
    try {
      enter_namespace(name_space);
      what();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

int open_tun(const std::string& name_space, const std::string& device) {
  int fd = -1;
  inside(name_space, [&] {
    fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ifreq request{};
    device.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (fd < 0 || ::ioctl(fd, TUNSETIFF, &request) != 0) throw Error("open", "/dev/net/tun", errno);
  });
  run_ip({"-n", name_space, "link", "set", device, "up", "txqueuelen", "10000"});
  return fd;
}

int open_tap(const std::string& name_space, const std::string& device) {
  int fd = -1;
  inside(name_space, [&] {
    sockaddr_ll at{};
    at.sll_family = AF_PACKET;
    at.sll_protocol = htons(ETH_P_ALL);
    at.sll_ifindex = static_cast<int>(::if_nametoindex(device.c_str()));
    fd = ::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    std::array<sock_filter, 4> outgoing{
        {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)),
         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1), BPF_STMT(BPF_RET | BPF_K, kTapped),
         BPF_STMT(BPF_RET | BPF_K, 0)}};
    const sock_fprog filter{outgoing.size(), outgoing.data()};
    const int on = 1, room = 8 << 20;
    if (fd < 0 || ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0 ||
        ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0 ||
        ::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0 ||
        ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
      throw Error("listen to", "the device of the path", errno);
  });
  return fd;
}

/// One direction at work.
struct EmulatedLink::Way {
  PathOptions options;
  int from = -1, to = -1;  // the devices; both belong to the emulator
  int tap = -1;            // hears what goes into `from`
  std::unique_ptr<Random> random;
  struct Waiting {
    Bytes packet;
    PathRecord record;
    bool held = false;  // leaves after its successor
  };
  std::multimap<std::int64_t, Waiting> waiting;  // by steady time of leaving
  std::optional<Waiting> held;
  std::int64_t held_until = 0, last_due = 0;
  std::deque<std::int64_t> queue;  // when each packet that waits for the rate, or is being sent, has gone

  bool chance(double share) { return share > 0 && random->unit() < share; }
  std::int64_t next_due() const {
    std::int64_t due = waiting.empty() ? INT64_MAX : waiting.begin()->first;
    return held ? std::min(due, held_until) : due;
  }
  std::optional<std::int64_t> due_time(std::size_t octets, std::int64_t now);
  void enter(Bytes packet, PathRecord record, std::vector<PathRecord>& log);
  void leave(Waiting one, std::vector<PathRecord>& log);
  void take(bool there, std::vector<PathRecord>& log);
  void give(std::vector<PathRecord>& log);
};

/// When a packet that comes now is to leave; nothing when the queue of the rate is full.
std::optional<std::int64_t> EmulatedLink::Way::due_time(std::size_t octets, std::int64_t now) {
  std::int64_t due = now;
  if (options.rate_bps > 0) {
    const auto length = static_cast<std::int64_t>(static_cast<double>(octets) * 8e9 / options.rate_bps);
    while (!queue.empty() && queue.front() <= now) queue.pop_front();
    // One is being sent, the others wait: counted as packets, so that small ones do not fare worse than large ones.
    if (queue.size() > static_cast<std::size_t>(options.queue_packets)) return std::nullopt;
    due = (queue.empty() ? now : queue.back()) + length;
    queue.push_back(due);
  }
  due += options.delay.count();
  if (options.jitter.count() > 0) {
    due += static_cast<std::int64_t>(random->below(static_cast<std::uint64_t>(options.jitter.count())));
  }
  return last_due = std::max(due, last_due);
}

void EmulatedLink::Way::enter(Bytes packet, PathRecord record, std::vector<PathRecord>& log) {
  const std::int64_t now = steady();
  const auto due = chance(options.loss) ? std::nullopt : due_time(packet.size(), now);
  if (!due) {
    if (tap >= 0) log.push_back(std::move(record));
    return;
  }
  Waiting one{std::move(packet), std::move(record), false};
  if (!held && chance(options.overtake)) {
    held_until = *due + 1'000'000'000;
    held = std::move(one);
    return;
  }
  const bool copied = chance(options.duplicate);
  const auto first = waiting.emplace(*due, one);
  if (copied) {
    one.record.copy = true;
    waiting.emplace_hint(std::next(first), *due, std::move(one));
  }
  if (held) {
    // Behind its successor: of equal times, the later inserted leaves later.
    waiting.emplace(*due, std::move(*held));
    held.reset();
  }
}

void EmulatedLink::Way::leave(Waiting one, std::vector<PathRecord>& log) {
  one.record.left_ns = realtime();
  if (::write(to, one.packet.data(), one.packet.size()) < 0) one.record.left_ns = 0;
  if (tap >= 0) log.push_back(std::move(one.record));
}

void EmulatedLink::Way::take(bool there, std::vector<PathRecord>& log) {
  std::array<std::byte, 65'536> room;
  for (int i = 0; i < 64; ++i) {
    const ssize_t got = ::read(from, room.data(), room.size());
    if (got <= 0) return;
    const auto packet = std::span<const std::byte>(room).first(static_cast<std::size_t>(got));
    const std::int64_t entered = tap < 0 ? 0 : tapped(tap, packet).value_or(realtime());
    PathRecord record = tap < 0 ? PathRecord{} : describe(packet);
    record.there = there;
    record.entered_ns = entered;
    enter(Bytes(packet.begin(), packet.end()), std::move(record), log);
    give(log);
  }
}

void EmulatedLink::Way::give(std::vector<PathRecord>& log) {
  const std::int64_t now = steady();
  while (!waiting.empty() && waiting.begin()->first <= now) {
    leave(std::move(waiting.extract(waiting.begin()).mapped()), log);
  }
  if (held && held_until <= now) {
    leave(std::move(*held), log);
    held.reset();
  }
}

EmulatedLink::EmulatedLink(End a, End b, const PathOptions& there, const PathOptions& back, std::uint64_t seed,
                           Told told)
    : there_(new Way), back_(new Way), told_(std::move(told)) {
  there_->options = there;
  back_->options = back;
  there_->from = back_->to = a.device;
  there_->to = back_->from = b.device;
  there_->tap = a.tap;
  back_->tap = b.tap;
  there_->random = seeded_random(seed);
  back_->random = seeded_random(seed + 1);
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

EmulatedLink::~EmulatedLink() {
  thread_.request_stop();
  thread_.join();
  for (const int fd : {there_->from, back_->from, there_->tap, back_->tap})
    if (fd >= 0) ::close(fd);
}

void EmulatedLink::change(const PathOptions& there, const PathOptions& back) {
  const std::lock_guard lock(mutex_);
  there_->options = there;
  back_->options = back;
}

void EmulatedLink::run(std::stop_token stop) {
  // The path must be steadier than what is measured over it, real-time senders included. It sleeps nearly always.
  const sched_param priority{50};
  ::sched_setscheduler(0, SCHED_FIFO, &priority);
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  std::vector<PathRecord> log;
  while (!stop.stop_requested()) {
    const std::int64_t due = std::min({there_->next_due(), back_->next_due(), steady() + 100'000'000});
    itimerspec when{};
    when.it_value = {due / 1'000'000'000, due % 1'000'000'000};
    ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
    std::array<pollfd, 3> ready{{{there_->from, POLLIN, 0}, {back_->from, POLLIN, 0}, {timer, POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), -1);
    {
      const std::lock_guard lock(mutex_);
      there_->give(log);
      back_->give(log);
      if (ready[0].revents != 0) there_->take(true, log);
      if (ready[1].revents != 0) back_->take(false, log);
    }
    if (!log.empty()) told_(std::exchange(log, {}));
  }
  ::close(timer);
}

std::string to_line(const PathRecord& record) {
  return std::string(record.there ? "there " : "back ") + std::to_string(record.entered_ns) + ' ' +
         std::to_string(record.left_ns) + (record.copy ? " 1 " : " 0 ") + std::to_string(record.protocol) + ' ' +
         (record.from.empty() ? "-" : record.from) + ' ' + std::to_string(record.from_port) + ' ' +
         (record.to.empty() ? "-" : record.to) + ' ' + std::to_string(record.to_port) + ' ' +
         (record.head.empty() ? "-" : to_hex(record.head));
}

}  // namespace sonde::test
