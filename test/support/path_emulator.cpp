#include "test/support/path_emulator.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/linux_clock.h"
#include "core/base/random.h"
#include "core/net/address.h"

namespace sonde::test {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kHead = 32;

std::int64_t realtime() { return LinuxClock::kernel_time(CLOCK_REALTIME).count(); }
std::int64_t steady() { return LinuxClock::kernel_time(CLOCK_MONOTONIC).count(); }

/// A TUN device in the namespace that gives and takes whole IP packets.
int open_tun(const NetworkNamespace& where, const std::string& v4, const std::string& v6) {
  int fd = -1;
  where.run([&] {
    fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ifreq request{};
    std::string("path").copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (fd < 0 || ::ioctl(fd, TUNSETIFF, &request) != 0) throw Error("open", "/dev/net/tun", errno);
  });
  where.ip({"addr", "add", v4 + "/24", "dev", "path"});
  where.ip({"addr", "add", v6 + "/64", "dev", "path", "nodad"});
  where.ip({"link", "set", "path", "up", "txqueuelen", "10000"});
  return fd;
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

/// One direction at work.
struct PathEmulator::Way {
  PathOptions options;
  int from = -1, to = -1;  // the devices; both belong to the emulator
  std::unique_ptr<Random> random;
  struct Waiting {
    Bytes packet;
    PathRecord record;
    bool held = false;  // leaves after its successor
  };
  std::multimap<std::int64_t, Waiting> waiting;  // by steady time of leaving
  std::optional<Waiting> held;
  std::int64_t held_until = 0, last_due = 0, free_at = 0;

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
std::optional<std::int64_t> PathEmulator::Way::due_time(std::size_t octets, std::int64_t now) {
  std::int64_t due = now;
  if (options.rate_bps > 0) {
    const auto length = static_cast<std::int64_t>(static_cast<double>(octets) * 8e9 / options.rate_bps);
    if (free_at > now + length * options.queue_packets) return std::nullopt;
    free_at = std::max(free_at, now) + length;
    due = free_at;
  }
  due += options.delay.count();
  if (options.jitter.count() > 0) {
    due += static_cast<std::int64_t>(random->below(static_cast<std::uint64_t>(options.jitter.count())));
  }
  return last_due = std::max(due, last_due);
}

void PathEmulator::Way::enter(Bytes packet, PathRecord record, std::vector<PathRecord>& log) {
  const std::int64_t now = steady();
  const auto due = chance(options.loss) ? std::nullopt : due_time(packet.size(), now);
  if (!due) {
    log.push_back(std::move(record));
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

void PathEmulator::Way::leave(Waiting one, std::vector<PathRecord>& log) {
  one.record.left_ns = realtime();
  if (::write(to, one.packet.data(), one.packet.size()) < 0) one.record.left_ns = 0;
  log.push_back(std::move(one.record));
}

void PathEmulator::Way::take(bool there, std::vector<PathRecord>& log) {
  std::array<std::byte, 65'536> room;
  for (int i = 0; i < 64; ++i) {
    const ssize_t got = ::read(from, room.data(), room.size());
    if (got <= 0) return;
    const std::int64_t entered = realtime();
    const auto packet = std::span<const std::byte>(room).first(static_cast<std::size_t>(got));
    PathRecord record = describe(packet);
    record.there = there;
    record.entered_ns = entered;
    enter(Bytes(packet.begin(), packet.end()), std::move(record), log);
    give(log);
  }
}

void PathEmulator::Way::give(std::vector<PathRecord>& log) {
  const std::int64_t now = steady();
  while (!waiting.empty() && waiting.begin()->first <= now) {
    leave(std::move(waiting.extract(waiting.begin()).mapped()), log);
  }
  if (held && held_until <= now) {
    leave(std::move(*held), log);
    held.reset();
  }
}

PathEmulator::PathEmulator(const PathOptions& there, const PathOptions& back, std::uint64_t seed)
    : a_("a"), b_("b"), there_(new Way), back_(new Way) {
  const int end_a = open_tun(a_, "10.99.0.1", "fd99::1"), end_b = open_tun(b_, "10.99.0.2", "fd99::2");
  there_->options = there;
  back_->options = back;
  there_->from = back_->to = end_a;
  there_->to = back_->from = end_b;
  there_->random = seeded_random(seed);
  back_->random = seeded_random(seed + 1);
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

PathEmulator::~PathEmulator() {
  thread_.request_stop();
  thread_.join();
  ::close(there_->from);
  ::close(back_->from);
}

void PathEmulator::run(std::stop_token stop) {
  // The path must be steadier than what is measured over it. It sleeps nearly always.
  const sched_param priority{10};
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
    there_->give(log);
    back_->give(log);
    if (ready[0].revents != 0) there_->take(true, log);
    if (ready[1].revents != 0) back_->take(false, log);
    if (log.empty()) continue;
    const std::lock_guard lock(mutex_);
    std::ranges::move(log, std::back_inserter(records_));
    log.clear();
  }
  ::close(timer);
}

std::vector<PathRecord> PathEmulator::records() const {
  std::vector<PathRecord> out;
  {
    const std::lock_guard lock(mutex_);
    out = records_;
  }
  std::ranges::stable_sort(out, {}, &PathRecord::entered_ns);
  return out;
}

std::string to_line(const PathRecord& record) {
  return std::string(record.there ? "there " : "back ") + std::to_string(record.entered_ns) + ' ' +
         std::to_string(record.left_ns) + (record.copy ? " 1 " : " 0 ") + std::to_string(record.protocol) + ' ' +
         (record.from.empty() ? "-" : record.from) + ' ' + std::to_string(record.from_port) + ' ' +
         (record.to.empty() ? "-" : record.to) + ' ' + std::to_string(record.to_port) + ' ' +
         (record.head.empty() ? "-" : to_hex(record.head));
}

}  // namespace sonde::test
