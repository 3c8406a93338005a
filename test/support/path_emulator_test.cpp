#include "test/support/path_emulator.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "core/base/linux_clock.h"
#include "core/net/linux_network.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

struct Arrived {
  int number;
  UtcTime at;
};

/// Sends numbered packets from end A to end B until `wanted` have come or none has for a second.
std::vector<Arrived> send_through(PathEmulator& path, int count, Family family, std::size_t wanted) {
  LinuxClock clock;
  std::unique_ptr<LinuxNetwork> net_a, net_b;
  std::unique_ptr<PacketSocket> from, to;
  const IpAddress end_a = ip(family == Family::v4 ? "10.99.0.1" : "fd99::1");
  const IpAddress end_b = ip(family == Family::v4 ? "10.99.0.2" : "fd99::2");
  path.a().run([&] {
    net_a = std::make_unique<LinuxNetwork>(clock);
    from = net_a->open_udp({.local = {end_a, 0}});
  });
  path.b().run([&] {
    net_b = std::make_unique<LinuxNetwork>(clock);
    to = net_b->open_udp({.local = {end_b, 9000}});
    net_b->watch(*to, 1);
  });
  std::vector<Arrived> out;
  const auto read = [&] {
    for (auto got = to->receive(); !got.empty(); got = to->receive()) {
      for (const Datagram& d : got) {
        out.push_back(
            {std::stoi(std::string(reinterpret_cast<const char*>(d.payload.data()), d.payload.size())), d.arrival});
      }
    }
  };
  for (int i = 0; i < count; ++i) {
    const std::string text = std::to_string(i);
    const Outgoing packet{as_bytes(text), {end_b, 9000}, {}};
    from->send({&packet, 1});
    net_b->wait(clock.steady_now() + 1ms);
    read();
  }
  for (SteadyTime quiet = clock.steady_now() + 2s; out.size() < wanted && clock.steady_now() < quiet;) {
    const std::size_t before = out.size();
    net_b->wait(quiet);
    read();
    if (out.size() > before) quiet = clock.steady_now() + 2s;
  }
  return out;
}

std::vector<PathRecord> measured(const PathEmulator& path) {
  auto all = path.records();
  std::erase_if(all, [](const PathRecord& r) { return r.protocol != 17 || r.to_port != 9000; });
  return all;
}

int number_of(const PathRecord& r) {
  return std::stoi(std::string(reinterpret_cast<const char*>(r.head.data()), r.head.size()));
}

}  // namespace

TEST_CASE("the path delays each packet by what it says, in both families") {
  if (const auto why = why_no_namespaces()) {
    WARN(*why);
    return;
  }
  const Family family = GENERATE(Family::v4, Family::v6);
  PathEmulator path({.delay = 10ms, .jitter = 2ms});
  const auto arrived = send_through(path, 100, family, 100);
  CHECK(arrived.size() == 100);
  const auto log = measured(path);
  REQUIRE(log.size() == 100);
  std::map<int, UtcTime> came;
  for (const Arrived& one : arrived) came[one.number] = one.at;
  for (const PathRecord& r : log) {
    CHECK(r.there);
    CHECK(r.left_ns - r.entered_ns >= 10'000'000);
    CHECK(came[number_of(r)] >= UtcTime{Duration{r.left_ns}});
  }
}

TEST_CASE("the log knows every lost, copied and overtaken packet") {
  if (const auto why = why_no_namespaces()) {
    WARN(*why);
    return;
  }
  PathEmulator path({.delay = 1ms, .loss = 0.1, .duplicate = 0.1, .overtake = 0.1}, 7);
  const auto arrived = send_through(path, 300, Family::v4, 1000);
  const auto log = measured(path);
  std::multiset<int> expected, got;
  int lost = 0, copies = 0;
  for (const PathRecord& r : log) {
    lost += r.left_ns == 0;
    copies += r.copy;
    if (r.left_ns != 0) expected.insert(number_of(r));
  }
  for (const Arrived& one : arrived) got.insert(one.number);
  CHECK(got == expected);
  CHECK(lost > 10);
  CHECK(copies > 10);
  int overtaken = 0;
  for (std::size_t i = 1; i < arrived.size(); ++i) overtaken += arrived[i].number < arrived[i - 1].number;
  CHECK(overtaken > 5);
}

TEST_CASE("a rate spreads packets out and its queue loses what does not fit") {
  if (const auto why = why_no_namespaces()) {
    WARN(*why);
    return;
  }
  // 31 octets with headers at 24.8 kbit/s: 10 ms each.
  PathEmulator path({.rate_bps = 24'800, .queue_packets = 5});
  send_through(path, 100, Family::v4, 1000);
  const auto log = measured(path);
  std::int64_t before = 0;
  int lost = 0;
  for (const PathRecord& r : log) {
    if (r.left_ns == 0) {
      ++lost;
    } else {
      if (before != 0) CHECK(r.left_ns > before);
      before = r.left_ns;
    }
  }
  CHECK(log.size() == 100);
  CHECK(lost > 50);
}
