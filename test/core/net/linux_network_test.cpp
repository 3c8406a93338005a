#include "core/net/linux_network.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <functional>
#include <thread>

#include "core/base/error.h"

using namespace sonde;
using namespace std::chrono_literals;

namespace {

/// A network and what it takes to wait for things on it; nothing waits longer than 5 s.
struct Loopback {
  LinuxClock clock;
  LinuxNetwork network{clock};
  const Family family = GENERATE(Family::v4, Family::v6);
  const IpAddress own = IpAddress::loopback(family);

  std::unique_ptr<PacketSocket> udp(PacketOptions options = {}) {
    if (options.local.address.is_unspecified()) options.local.address = own;
    auto socket = network.open_udp(options);
    network.watch(*socket, ++token);
    return socket;
  }
  bool wait_until(const std::function<bool()>& done) {
    const SteadyTime end = clock.steady_now() + 5s;
    while (!done() && clock.steady_now() < end) network.wait(clock.steady_now() + 20ms);
    return done();
  }
  struct Arrived {
    std::string payload;
    Datagram about;
  };
  std::vector<Arrived> receive(PacketSocket& socket, std::size_t count) {
    std::vector<Arrived> out;
    wait_until([&] {
      for (const Datagram& d : socket.receive()) {
        out.push_back({std::string(reinterpret_cast<const char*>(d.payload.data()), d.payload.size()), d});
      }
      return out.size() >= count;
    });
    return out;
  }
  static void send(PacketSocket& socket, const Endpoint& to, std::string_view text, const IpAddress& from = {}) {
    const Outgoing packet{as_bytes(text), to, from};
    REQUIRE(socket.send({&packet, 1}) == 1);
  }
  /// The kernel begins to stamp a moment after the first socket of the machine asks for it.
  void wait_for_stamps() {
    const auto to = udp(), from = udp();
    REQUIRE(wait_until([&] {
      send(*from, to->local(), "first");
      const auto got = receive(*to, 1);
      return !got.empty() && got[0].about.stamp == StampSource::kernel;
    }));
  }
  std::uint64_t token = 0;
};

Bytes echo_request(Family family, std::uint16_t sequence) {
  ByteWriter out;
  out.u8(family == Family::v4 ? 8 : 128).u8(0).u16(0).u16(0).u16(sequence).bytes(as_bytes("sonde"));
  return out.take();
}

}  // namespace

TEST_CASE("a packet comes with the kernel's stamp, hop limit, traffic class and both addresses") {
  Loopback t;
  t.wait_for_stamps();
  const auto to = t.udp(), from = t.udp({.hop_limit = 77, .traffic_class = 0xb8});
  const UtcTime before = t.clock.utc_now();
  t.send(*from, to->local(), "hello");
  const auto got = t.receive(*to, 1);
  const UtcTime after = t.clock.utc_now();
  REQUIRE(got.size() == 1);
  CHECK(got[0].payload == "hello");
  CHECK(got[0].about.stamp == StampSource::kernel);
  CHECK(got[0].about.arrival >= before);
  CHECK(got[0].about.arrival <= after);
  CHECK(got[0].about.hop_limit == 77);
  CHECK(got[0].about.traffic_class == 0xb8);
  CHECK(got[0].about.from == from->local());
  CHECK(got[0].about.to == to->local());
  CHECK(got[0].about.error == 0);
}

TEST_CASE("one packet may have a hop limit of its own, with or without a source of its own") {
  Loopback t;
  const auto to = t.udp(), from = t.udp({.hop_limit = 77});
  const std::array<Outgoing, 3> batch{
      Outgoing{.payload = as_bytes("own"), .to = to->local(), .hop_limit = 3},
      Outgoing{.payload = as_bytes("socket's"), .to = to->local()},
      Outgoing{.payload = as_bytes("both"), .to = to->local(), .from = t.own, .hop_limit = 64}};
  REQUIRE(from->send(batch) == batch.size());
  const auto got = t.receive(*to, 3);
  REQUIRE(got.size() == 3);
  CHECK(got[0].about.hop_limit == 3);
  CHECK(got[1].about.hop_limit == 77);
  CHECK(got[2].about.hop_limit == 64);
}

TEST_CASE("a packet is stamped when it came, not when it was read") {
  Loopback t;
  t.wait_for_stamps();
  const auto to = t.udp(), from = t.udp();
  std::vector<UtcTime> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(t.clock.utc_now());
    t.send(*from, to->local(), std::to_string(i));
  }
  const UtcTime all_sent = t.clock.utc_now();
  const auto got = t.receive(*to, 100);
  REQUIRE(got.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(got[i].payload == std::to_string(i));
    CHECK(got[i].about.arrival >= sent[i]);
    CHECK(got[i].about.arrival <= all_sent);
  }
}

TEST_CASE("an answer leaves from the address that was asked, on a socket that takes all") {
  Loopback t;
  const auto any = t.network.open_udp({.local = {IpAddress::any(t.family), 0}});
  t.network.watch(*any, 99);
  const auto asker = t.udp();
  const IpAddress other = t.family == Family::v4 ? IpAddress::parse("127.0.0.53").value() : t.own;
  t.send(*asker, {other, any->local().port}, "question");
  const auto question = t.receive(*any, 1);
  REQUIRE(question.size() == 1);
  CHECK(question[0].about.to.address == other);
  t.send(*any, question[0].about.from, "answer", question[0].about.to.address);
  const auto answer = t.receive(*asker, 1);
  REQUIRE(answer.size() == 1);
  CHECK(answer[0].about.from == Endpoint{other, any->local().port});
}

TEST_CASE("a socket with one peer sends to it and hears it alone") {
  Loopback t;
  const auto peer = t.udp(), stranger = t.udp();
  const auto mine = t.udp();
  CHECK(mine->keep_to(peer->local()) == 0);
  CHECK(mine->keep_to({t.own, 0}) == EINVAL);
  t.send(*stranger, mine->local(), "from a stranger");
  t.send(*peer, mine->local(), "from the peer");
  const auto got = t.receive(*mine, 1);
  REQUIRE(got.size() == 1);
  CHECK(got[0].payload == "from the peer");
  t.send(*mine, peer->local(), "to the peer");
  CHECK(t.receive(*peer, 1).at(0).about.from == mine->local());
  const Outgoing astray{as_bytes("x"), stranger->local(), {}};
  CHECK(mine->send({&astray, 1}) == 0);
  CHECK(mine->error() == EINVAL);
}

TEST_CASE("a closed port is reported by the host with the start of what was sent") {
  Loopback t;
  Endpoint closed = t.udp()->local();
  const auto from = t.udp();
  t.send(*from, closed, "anybody there?");
  const auto got = t.receive(*from, 1);
  REQUIRE(got.size() == 1);
  CHECK(got[0].about.error == ECONNREFUSED);
  CHECK(got[0].about.from == closed);
  CHECK(got[0].about.reporter == t.own);
  CHECK(got[0].about.icmp_type == (t.family == Family::v4 ? 3 : 1));
  CHECK(got[0].about.icmp_code == (t.family == Family::v4 ? 3 : 4));
  CHECK(got[0].payload == "anybody there?");
}

TEST_CASE("an answer to an earlier packet neither keeps the next one here nor gets lost") {
  Loopback t;
  const Endpoint closed = t.udp()->local();
  const auto to = t.udp(), from = t.udp({.transmit_stamps = true});
  t.send(*from, closed, "nobody");
  for (int i = 0; i < 20; ++i) t.send(*from, to->local(), "somebody");
  CHECK(t.receive(*to, 20).size() == 20);
  t.wait_until([&] { return from->transmit_stamps().empty(); });  // reads the error queue as well
  const auto got = t.receive(*from, 1);
  REQUIRE(got.size() == 1);
  CHECK(got[0].about.error == ECONNREFUSED);
}

TEST_CASE("transmit stamps lie between the call and the arrival, in sending order") {
  Loopback t;
  t.wait_for_stamps();
  const auto to = t.udp(), from = t.udp({.transmit_stamps = true});
  std::vector<UtcTime> before;
  std::vector<TransmitStamp> stamps;
  for (int i = 0; i < 50; ++i) {
    before.push_back(t.clock.utc_now());
    t.send(*from, to->local(), "x");
  }
  t.wait_until([&] {
    for (const TransmitStamp& one : from->transmit_stamps()) stamps.push_back(one);
    return stamps.size() >= 50;
  });
  const auto got = t.receive(*to, 50);
  REQUIRE(stamps.size() == 50);
  REQUIRE(got.size() == 50);
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(stamps[i].index == i);
    CHECK(stamps[i].sent >= before[i]);
    if (got[i].about.stamp == StampSource::kernel && i > 0) CHECK(stamps[i].sent <= got[i].about.arrival);
  }
}

TEST_CASE("a failed packet does not shift the stamps of later ones") {
  Loopback t;
  const auto to = t.udp(), from = t.udp({.transmit_stamps = true});
  t.send(*from, to->local(), "x");
  const Bytes huge(70'000);
  const Outgoing too_large{huge, to->local(), {}};
  CHECK(from->send({&too_large, 1}) == 0);
  CHECK(from->error() == EMSGSIZE);
  t.send(*from, to->local(), "y");
  std::vector<std::uint32_t> indexes;
  t.wait_until([&] {
    for (const TransmitStamp& one : from->transmit_stamps()) indexes.push_back(one.index);
    return indexes.size() >= 2;
  });
  CHECK(indexes == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("the largest packet arrives whole") {
  Loopback t;
  const auto to = t.udp(), from = t.udp();
  const std::string text(65'507, 'z');
  t.send(*from, to->local(), text);
  const auto got = t.receive(*to, 1);
  REQUIRE(got.size() == 1);
  CHECK(got[0].payload == text);
}

TEST_CASE("packets without room in the socket are counted as dropped here") {
  Loopback t;
  const auto to = t.udp({.receive_buffer = 4096}), from = t.udp();
  CHECK(to->dropped_here() == 0);
  for (int i = 0; i < 100; ++i) t.send(*from, to->local(), std::string(500, 'x'));
  const auto got = t.receive(*to, 1);
  CHECK(got.size() < 100);
  CHECK(to->dropped_here() == 100 - got.size());
}

TEST_CASE("two IPv6 and IPv4 sockets share a port, two of one family do not") {
  Loopback t;
  const auto first = t.network.open_udp({.local = {IpAddress::any(Family::v6), 0}});
  CHECK_NOTHROW(t.network.open_udp({.local = {IpAddress::any(Family::v4), first->local().port}}));
  try {
    t.network.open_udp({.local = {IpAddress::any(Family::v6), first->local().port}});
    FAIL("the port was given twice");
  } catch (const Error& error) {
    CHECK(error.errno_value() == EADDRINUSE);
    CHECK(std::string(error.what()).find(std::to_string(first->local().port)) != std::string::npos);
  }
}

TEST_CASE("echo requests are answered, and each raw socket hears only its own") {
  Loopback t;
  t.wait_for_stamps();
  if (::geteuid() != 0) {
    WARN("not root: raw ICMP sockets are not tested");
    return;
  }
  const auto mine = t.network.open_icmp({.local = {t.own, 0}, .hop_limit = 9});
  const auto other = t.network.open_icmp({.local = {t.own, 0}});
  t.network.watch(*mine, 1);
  t.network.watch(*other, 2);
  const Bytes request = echo_request(t.family, 7);
  const Outgoing packet{request, {t.own, 0}, {}};
  REQUIRE(mine->send({&packet, 1}) == 1);
  const auto got = t.receive(*mine, 1);
  REQUIRE(got.size() == 1);
  CHECK(static_cast<unsigned char>(got[0].payload[0]) == (t.family == Family::v4 ? 0 : 129));
  ByteReader reply(as_bytes(got[0].payload));
  reply.skip(4);
  CHECK(reply.u16() == mine->echo_identifier());
  CHECK(reply.u16() == 7);
  CHECK(got[0].payload.substr(8) == "sonde");
  CHECK(got[0].about.stamp == StampSource::kernel);
  CHECK(got[0].about.hop_limit > 0);
  CHECK(got[0].about.from == Endpoint{t.own, 0});
  CHECK(other->receive().empty());
  CHECK(mine->echo_identifier() != other->echo_identifier());
}

TEST_CASE("waiting ends at its time, at wake() from another thread, and at once when the time has passed") {
  Loopback t;
  const SteadyTime due = t.clock.steady_now() + 5ms;
  CHECK(t.network.wait(due).empty());
  while (t.clock.steady_now() < due) t.network.wait(due);
  CHECK(t.clock.steady_now() >= due);
  t.network.wait(SteadyTime::min());
  t.network.wait(t.clock.steady_now() - 1h);
  std::jthread waker([&] { t.network.wake(); });
  t.network.wait(kNever);
  waker.join();
}

TEST_CASE("a destroyed socket is never reported ready") {
  Loopback t;
  auto to = t.udp();
  const auto from = t.udp();
  t.send(*from, to->local(), "x");
  const auto ready = t.network.wait(t.clock.steady_now() + 5s);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].token == 1);
  CHECK(ready[0].readable);
  to.reset();
  CHECK(t.network.wait(t.clock.steady_now()).empty());
}

TEST_CASE("the source of a route is an own address, and the warm-up sends nothing to others") {
  Loopback t;
  CHECK(t.network.source_for(t.own) == t.own);
  const auto to = t.udp();
  t.network.warm_up();
  t.network.warm_up();
  CHECK(to->receive().empty());
  CHECK(t.network.wait(t.clock.steady_now()).empty());
}

TEST_CASE("the loopback interface is listed with its addresses and counts what passes") {
  Loopback t;
  const auto find = [&] {
    for (const InterfaceState& one : t.network.interfaces()) {
      if (one.loopback) return one;
    }
    FAIL("no loopback");
    return InterfaceState{};
  };
  const InterfaceState before = find();
  CHECK(before.name == "lo");
  CHECK(before.index == 1);
  CHECK(before.up);
  CHECK(before.mtu > 1000);
  CHECK_FALSE(before.speed_bps);
  const Prefix v4{IpAddress::loopback(Family::v4), 8};
  CHECK(std::ranges::find(before.addresses, v4) != before.addresses.end());
  const auto to = t.udp(), from = t.udp();
  for (int i = 0; i < 100; ++i) t.send(*from, to->local(), std::string(1000, 'x'));
  const InterfaceState after = find();
  CHECK(after.out_packets >= before.out_packets + 100);
  CHECK(after.in_octets >= before.in_octets + 100'000);
}
