#include "test/support/simulated_world.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <stdexcept>

#include "core/base/error.h"
#include "test/support/scripted_session.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

/// Two hosts and a loop on each; b notes what comes to UDP port 9000.
struct TwoHosts {
  SimulatedWorld world;
  SimulatedHost& a;
  SimulatedHost& b;
  PacketLoop& loop_a;
  PacketLoop& loop_b;
  struct Arrived {
    std::string payload;
    Datagram about;
  };
  std::vector<Arrived> arrived;

  explicit TwoHosts(const LinkOptions& link = {}, const ClockOptions& clock_b = {}, std::uint64_t seed = 1)
      : world(seed),
        a(world.host("a", {"10.0.0.1", "fd00::1"})),
        b(world.host("b", {"10.0.0.2", "fd00::2"}, clock_b)),
        loop_a(a.make_loop()),
        loop_b(b.make_loop()) {
    world.link(a, b, link);
  }

  void receive_on_b(int port = 9000) {
    auto session = std::make_unique<ScriptedSession>();
    session->start = [port](Now, Outbox& out) {
      out.open_udp({.local = {IpAddress::any(Family::v4), static_cast<std::uint16_t>(port)}});
    };
    session->datagram = [this](SocketId, const Datagram& d, Now, Outbox&) {
      arrived.push_back({text_of(d.payload), d});
    };
    loop_b.start(std::move(session));
  }

  /// `count` packets from a to b, one each `gap`, with their number as text.
  void send_from_a(int count, Duration gap, int port = 9000) {
    auto session = std::make_unique<ScriptedSession>();
    auto* s = session.get();
    s->is_paced = true;
    s->start = [s](Now now, Outbox& out) {
      s->deadline = now.steady;
      out.open_udp({.local = {IpAddress::any(Family::v4), 0}, .hop_limit = 200, .traffic_class = 0xb8});
    };
    s->deadline_passed = [s, this, count, gap, port, n = 0](Now now, Outbox& out) mutable {
      const std::string text = std::to_string(n);
      out.send(1, {ip("10.0.0.2"), static_cast<std::uint16_t>(port)}, as_bytes(text));
      if (++n < count) s->deadline = now.steady + gap;
    };
    s->datagram = [this](SocketId, const Datagram& d, Now, Outbox&) { errors.push_back(d); };
    loop_a.start(std::move(session));
  }
  std::vector<Datagram> errors;
};

}  // namespace

TEST_CASE("a packet arrives after the delay, stamped by the receiver's clock to the nanosecond") {
  TwoHosts t({.delay = 13'000'007ns}, {.offset = 3ms});
  t.receive_on_b();
  const UtcTime sent = t.world.now();
  t.send_from_a(1, 1s);
  t.world.run_for(1s);
  REQUIRE(t.arrived.size() == 1);
  CHECK(t.arrived[0].about.arrival == sent + 13'000'007ns + 3ms);
  CHECK(t.arrived[0].about.stamp == StampSource::kernel);
  CHECK(t.arrived[0].about.hop_limit == 200);
  CHECK(t.arrived[0].about.traffic_class == 0xb8);
  CHECK(t.arrived[0].about.from.address == ip("10.0.0.1"));
  CHECK(t.arrived[0].about.to == Endpoint{ip("10.0.0.2"), 9000});
  REQUIRE(t.world.truth().size() == 1);
  CHECK(t.world.truth()[0].entered == sent);
  CHECK(t.world.truth()[0].left == sent + 13'000'007ns);
}

TEST_CASE("a fast clock runs ahead by its drift and deadlines are met in its own time") {
  SimulatedWorld world;
  SimulatedHost& host = world.host("h", {}, {.drift_ppm = 100});
  PacketLoop& loop = host.make_loop();
  auto session = std::make_unique<ScriptedSession>();
  const SteadyTime due = host.clock().steady_now() + 1h;
  SteadyTime served{};
  session->deadline = due;
  session->deadline_passed = [&](Now now, Outbox&) { served = now.steady; };
  loop.start(std::move(session));
  const UtcTime begin = world.now();
  world.run_until([&] { return served != SteadyTime{}; }, 2h);
  CHECK(served == due);
  CHECK(std::abs((world.now() - begin - (1h - 359'964'004ns)).count()) <= 1);
  CHECK(std::abs((host.clock().utc_now() - world.now() - 359'964'004ns).count()) <= 1);
}

TEST_CASE("the same seed loses the same packets, another seed others") {
  const auto run = [](std::uint64_t seed) {
    TwoHosts t({.delay = 1ms, .jitter = 5ms, .loss = 0.2}, {}, seed);
    t.receive_on_b();
    t.send_from_a(1000, 10ms);
    t.world.run_for(11s);
    std::string all;
    for (const auto& one : t.arrived) all += one.payload + format_utc(one.about.arrival, 9);
    CHECK(t.arrived.size() > 740);
    CHECK(t.arrived.size() < 860);
    return all;
  };
  const std::string first = run(1);
  CHECK(first == run(1));
  CHECK(first != run(2));
}

TEST_CASE("jitter keeps order unless told otherwise") {
  const bool reorders = GENERATE(false, true);
  TwoHosts t({.delay = 1ms, .jitter = 50ms, .jitter_reorders = reorders});
  t.receive_on_b();
  t.send_from_a(200, 10ms);
  t.world.run_for(10s);
  REQUIRE(t.arrived.size() == 200);
  int late = 0;
  for (std::size_t i = 1; i < t.arrived.size(); ++i) {
    if (std::stoi(t.arrived[i].payload) < std::stoi(t.arrived[i - 1].payload)) ++late;
  }
  CHECK((late > 0) == reorders);
}

TEST_CASE("an overtaken packet arrives right after its successor") {
  TwoHosts t({.delay = 5ms, .overtake = 0.1});
  t.receive_on_b();
  t.send_from_a(100, 10ms);
  t.world.run_for(10s);
  REQUIRE(t.arrived.size() == 100);
  int overtaken = 0;
  for (std::size_t i = 1; i < t.arrived.size(); ++i) {
    const int before = std::stoi(t.arrived[i - 1].payload), here = std::stoi(t.arrived[i].payload);
    if (here > before) continue;
    ++overtaken;
    CHECK(here == before - 1);
    CHECK(t.arrived[i].about.arrival - t.arrived[i - 1].about.arrival == 1us);
  }
  CHECK(overtaken > 3);
}

TEST_CASE("duplicates are copies and the truth says which") {
  TwoHosts t({.delay = 5ms, .duplicate = 0.3});
  t.receive_on_b();
  t.send_from_a(100, 10ms);
  t.world.run_for(10s);
  const auto copies = std::ranges::count_if(t.world.truth(), [](const Truth& one) { return one.copy; });
  CHECK(copies > 10);
  CHECK(t.arrived.size() == 100 + static_cast<std::size_t>(copies));
}

TEST_CASE("a link loses exactly what it is told to lose, and all while it is down") {
  TwoHosts t({.delay = 5ms, .lose_when = [](std::uint64_t n, auto) { return n == 3; }});
  t.receive_on_b();
  t.send_from_a(10, 10ms);
  t.world.run_for(45ms);
  t.world.way(t.a, t.b).down = true;
  t.world.run_for(1s);
  std::string got;
  for (const auto& one : t.arrived) got += one.payload;
  CHECK(got == "0124");
}

TEST_CASE("a packet without room at the receiver's socket is counted there and not given") {
  TwoHosts t({.delay = 5ms, .dropped_here = 1});
  auto session = std::make_unique<ScriptedSession>();
  std::uint64_t dropped = 0;
  session->deadline = t.b.clock().steady_now() + 1s;
  session->start = [](Now, Outbox& out) { out.open_udp({.local = {IpAddress::any(Family::v4), 9000}}); };
  session->deadline_passed = [&](Now, Outbox& out) { dropped = out.dropped_here(1); };
  t.loop_b.start(std::move(session));
  t.send_from_a(7, 10ms);
  t.world.run_for(2s);
  CHECK(dropped == 7);
  CHECK(t.world.truth()[0].fate == Truth::Fate::dropped_here);
}

TEST_CASE("a closed port is reported by the host, an expired hop limit by the router") {
  SECTION("port") {
    TwoHosts t({.delay = 5ms});
    t.send_from_a(1, 10ms, 9);
    t.world.run_for(1s);
    REQUIRE(t.errors.size() == 1);
    CHECK(t.errors[0].error == ECONNREFUSED);
    CHECK(t.errors[0].from == Endpoint{ip("10.0.0.2"), 9});
    CHECK(t.errors[0].reporter == ip("10.0.0.2"));
    CHECK(t.errors[0].icmp_type == 3);
    CHECK(t.errors[0].icmp_code == 3);
  }
  SECTION("hop limit") {
    std::vector<std::string> routers(250, "10.1.0.1");
    routers[199] = "10.1.0.200";
    TwoHosts t({.delay = 5ms, .routers = routers});
    t.send_from_a(1, 10ms);
    t.world.run_for(1s);
    REQUIRE(t.errors.size() == 1);
    CHECK(t.errors[0].error == EHOSTUNREACH);
    CHECK(t.errors[0].reporter == ip("10.1.0.200"));
    CHECK(t.errors[0].icmp_type == 11);
  }
}

TEST_CASE("hosts answer echo requests of their own accord, in both families") {
  const bool v4 = GENERATE(true, false);
  TwoHosts t({.delay = 5ms});
  std::vector<std::string> replies;
  UtcTime replied{};
  auto session = std::make_unique<ScriptedSession>();
  session->start = [&](Now, Outbox& out) {
    const auto opened = out.open_icmp({.local = {IpAddress::any(v4 ? Family::v4 : Family::v6), 0}});
    ByteWriter echo;
    echo.u8(v4 ? 8 : 128).u8(0).u16(0).u16(0).u16(77).bytes(as_bytes("hello"));
    CHECK(out.send(opened.id, {ip(v4 ? "10.0.0.2" : "fd00::2"), 0}, echo.data()) == 0);
    CHECK(out.echo_identifier(opened.id) != 0);
  };
  session->datagram = [&](SocketId, const Datagram& d, Now, Outbox&) {
    replies.push_back(text_of(d.payload));
    replied = d.arrival;
  };
  const UtcTime begin = t.world.now();
  t.loop_a.start(std::move(session));
  t.world.run_for(1s);
  REQUIRE(replies.size() == 1);
  CHECK(static_cast<unsigned char>(replies[0][0]) == (v4 ? 0 : 129));
  CHECK(replies[0].substr(8) == "hello");
  CHECK(replied - begin == 10ms);
}

TEST_CASE("an unknown host never answers and a taken port cannot be opened twice") {
  TwoHosts t;
  Network& network = t.a.make_network();
  const auto socket = network.open_udp({.local = {ip("10.0.0.1"), 5000}});
  CHECK_THROWS_AS(network.open_udp({.local = {IpAddress::any(Family::v4), 5000}}), Error);
  CHECK_THROWS_AS(network.open_udp({.local = {ip("10.9.9.9"), 0}}), Error);
  const std::string text = "x";
  const Outgoing packet{as_bytes(text), {ip("10.9.9.9"), 1}};
  CHECK(socket->send({&packet, 1}) == 1);
  t.world.run_for(1s);
  CHECK(socket->receive().empty());
}

TEST_CASE("a loop that waits outside its world is caught") {
  TwoHosts t;
  CHECK_THROWS_AS(t.a.make_network().wait(t.a.clock().steady_now() + 1ns), std::logic_error);
}

TEST_CASE("an hour of ten packets a second each way runs through") {
  TwoHosts t({.delay = 5ms, .jitter = 1ms, .loss = 0.01});
  t.receive_on_b();
  auto back = std::make_unique<ScriptedSession>();
  auto* s = back.get();
  s->deadline = t.b.clock().steady_now();
  s->start = [](Now, Outbox& out) { out.open_udp({.local = {IpAddress::any(Family::v4), 0}}); };
  s->deadline_passed = [s, n = 0](Now now, Outbox& out) mutable {
    out.send(2, {ip("10.0.0.1"), 9001}, as_bytes("back"));
    if (++n < 36'000) s->deadline = now.steady + 100ms;
  };
  t.loop_b.start(std::move(back));
  auto sink = std::make_unique<ScriptedSession>();
  std::size_t came_back = 0;
  sink->start = [](Now, Outbox& out) { out.open_udp({.local = {IpAddress::any(Family::v4), 9001}}); };
  sink->datagram = [&](SocketId, const Datagram&, Now, Outbox&) { ++came_back; };
  t.send_from_a(36'000, 100ms);
  t.loop_a.start(std::move(sink));
  t.world.run_for(3601s);
  CHECK(t.arrived.size() > 35'000);
  CHECK(came_back > 35'000);
}
