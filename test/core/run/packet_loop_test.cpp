#include "core/run/packet_loop.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <stdexcept>

#include "core/base/error.h"
#include "test/core/run/loop_pair.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

TEST_CASE("deadlines of many sessions are served in the order of time, each with a fresh now") {
  LoopPair t;
  const SteadyTime begin = t.a.clock().steady_now();
  for (int i = 0; i < 50; ++i) {
    auto s = t.session();
    const SteadyTime due = begin + Duration{1ms} * ((i * 37) % 50);
    s->deadline = due;
    s->deadline_passed = [&t, due](Now now, Outbox& out) {
      CHECK(now.steady == due);
      CHECK(now.utc == t.a.clock().anchor().to_utc(now.steady));
      t.told += 'x';
      out.finish();
    };
    t.loop_a.start(std::move(s));
  }
  CHECK(t.loop_a.health().sessions == 50);
  t.world.run_for(30ms);
  CHECK(t.told.size() == 31);
  t.world.run_for(1s);
  CHECK(t.told.size() == 50);
  CHECK(t.loop_a.health().sessions == 0);
  CHECK(t.loop_a.health().deadlines == 50);
  CHECK(t.loop_a.health().slip_max == 0ns);
  CHECK(t.loop_a.next_deadline() == kNever);
}

TEST_CASE("a session that moves its deadline away is not called at the old one") {
  LoopPair t;
  auto s = t.session();
  auto* raw = s.get();
  s->start = [](Now, Outbox& out) { out.open_udp({.local = {IpAddress::any(Family::v4), 7000}}); };
  s->deadline = t.a.clock().steady_now() + 50ms;
  s->datagram = [raw](SocketId, const Datagram&, Now now, Outbox&) { raw->deadline = now.steady + 1s; };
  s->deadline_passed = [&](Now, Outbox&) { t.told += "deadline"; };
  t.loop_a.start(std::move(s));
  auto sender = t.session();
  sender->start = [](Now, Outbox& out) {
    const auto socket = out.open_udp({.local = {IpAddress::any(Family::v4), 0}});
    CHECK(out.send(socket.id, {ip("10.0.0.1"), 7000}, as_bytes("hello")) == 0);
  };
  t.loop_b.start(std::move(sender));
  t.world.run_for(500ms);
  CHECK(t.told.empty());
  t.world.run_for(1s);
  CHECK(t.told == "deadline");
}

TEST_CASE("a session that throws is ended and logged, and the others go on") {
  LoopPair t;
  auto bad = t.session();
  bad->start = [](Now, Outbox& out) { CHECK(out.open_udp({.local = {IpAddress::any(Family::v4), 7000}})); };
  bad->deadline = t.a.clock().steady_now() + 1ms;
  bad->deadline_passed = [](Now, Outbox&) { throw Error("write", "somewhere", ENOSPC); };
  bad->destroyed = [&] { t.told += "gone;"; };
  t.loop_a.start(std::move(bad));
  auto good = t.session();
  good->deadline = t.a.clock().steady_now() + 2ms;
  good->deadline_passed = [&](Now, Outbox& out) {
    // The port of the session that ended is free again.
    CHECK(out.open_udp({.local = {IpAddress::any(Family::v4), 7000}}));
    t.told += "good;";
  };
  t.loop_a.start(std::move(good));
  t.world.run_for(1s);
  CHECK(t.told == "gone;good;");
  CHECK(t.loop_a.health().sessions == 1);
  REQUIRE(t.world.log_lines().size() == 1);
  CHECK(t.world.log_lines()[0].level == LogLevel::error);
  CHECK(t.world.log_lines()[0].text.find("No space left") != std::string::npos);
}

TEST_CASE("no session reaches the handles of another") {
  LoopPair t;
  SocketId socket = 0;
  ListenerId listener = 0;
  auto first = t.session();
  first->start = [&](Now, Outbox& out) {
    socket = out.open_udp({.local = {IpAddress::any(Family::v4), 7000}}).id;
    listener = out.listen({IpAddress::any(Family::v4), 861}).id;
  };
  t.loop_a.start(std::move(first));
  auto second = t.session();
  second->start = [&](Now, Outbox& out) {
    CHECK(out.send(socket, {ip("10.0.0.2"), 9}, as_bytes("x")) == EBADF);
    out.close_socket(socket);
    out.close_listener(listener);
    CHECK_FALSE(out.open_udp({.local = {IpAddress::any(Family::v4), 7000}}));
    const auto refused = out.listen({IpAddress::any(Family::v4), 861});
    CHECK_FALSE(refused);
    CHECK(refused.error.find("861") != std::string::npos);
  };
  t.loop_a.start(std::move(second));
}

TEST_CASE("a socket closed amid a batch gives nothing more") {
  LoopPair t;
  auto s = t.session();
  s->start = [](Now, Outbox& out) { out.open_udp({.local = {IpAddress::any(Family::v4), 7000}}); };
  s->datagram = [&](SocketId id, const Datagram&, Now, Outbox& out) {
    t.told += 'd';
    out.close_socket(id);
  };
  t.loop_a.start(std::move(s));
  auto sender = t.session();
  sender->start = [](Now, Outbox& out) {
    const auto socket = out.open_udp({.local = {IpAddress::any(Family::v4), 0}});
    for (int i = 0; i < 10; ++i) out.send(socket.id, {ip("10.0.0.1"), 7000}, as_bytes("hello"));
  };
  t.world.way(t.b, t.a).jitter = 0ns;
  t.loop_b.start(std::move(sender));
  t.world.run_for(1s);
  CHECK(t.told == "d");
}

TEST_CASE("transmit stamps come back to the session in sending order") {
  LoopPair t;
  auto s = t.session();
  std::vector<std::uint32_t> indexes;
  s->start = [](Now, Outbox& out) {
    const auto socket = out.open_udp({.local = {IpAddress::any(Family::v4), 0}, .transmit_stamps = true});
    for (int i = 0; i < 3; ++i) out.send(socket.id, kServer, as_bytes("x"));
  };
  s->transmit_stamp = [&](SocketId, const TransmitStamp& stamp, Now, Outbox&) { indexes.push_back(stamp.index); };
  t.loop_a.start(std::move(s));
  t.world.run_for(1ms);
  CHECK(indexes == std::vector<std::uint32_t>{0, 1, 2});
}

TEST_CASE("a reply leaves from the address that was asked, though the socket takes all") {
  SimulatedWorld world;
  SimulatedHost& a = world.host("a", {"10.0.0.1"});
  SimulatedHost& b = world.host("b", {"10.0.0.2", "10.0.0.3"});
  PacketLoop &loop_a = a.make_loop(), &loop_b = b.make_loop();
  auto reflector = std::make_unique<ScriptedSession>();
  reflector->start = [](Now, Outbox& out) { out.open_udp({.local = {IpAddress::any(Family::v4), 862}}); };
  reflector->datagram = [](SocketId id, const Datagram& d, Now, Outbox& out) {
    CHECK(out.reply(id, d, d.payload) == 0);
    CHECK(out.reply(id + 1, d, d.payload) == EBADF);
  };
  loop_b.start(std::move(reflector));
  auto asker = std::make_unique<ScriptedSession>();
  std::string from;
  // Hears nobody but the address it asks: a reply from the other one would not come.
  asker->start = [](Now, Outbox& out) {
    const Endpoint second{ip("10.0.0.3"), 862};
    const auto socket = out.open_udp({.local = {IpAddress::any(Family::v4), 0}});
    CHECK(out.keep_to(socket.id, second) == 0);
    CHECK(out.keep_to(socket.id + 1, second) == EBADF);
    CHECK(out.send(socket.id, second, as_bytes("x")) == 0);
    CHECK(out.send(socket.id, {ip("10.0.0.2"), 862}, as_bytes("x")) == EINVAL);
  };
  asker->datagram = [&](SocketId, const Datagram& d, Now, Outbox&) { from = d.from.text(); };
  loop_a.start(std::move(asker));
  world.run_for(1s);
  CHECK(from == "10.0.0.3:862");
}

TEST_CASE("every session hears of a clock step once, with its size") {
  LoopPair t;
  for (int i = 0; i < 3; ++i) {
    auto s = t.session();
    s->clock_step = [&](Duration step, Now now, Outbox&) {
      CHECK(now.utc == t.b.clock().utc_now());
      t.told += format_duration(step) + ";";
    };
    t.loop_b.start(std::move(s));
  }
  t.world.run_for(1s);
  t.b.clock().step(-250ms);
  t.world.run_for(1s);
  CHECK(t.told == "−250 ms;−250 ms;−250 ms;");
}

TEST_CASE("stop is told once and the session may take its time") {
  LoopPair t;
  auto s = t.session();
  auto* raw = s.get();
  s->stop = [&, raw](Now now, Outbox&) {
    t.told += "stop;";
    raw->deadline = now.steady + 1s;
  };
  s->deadline_passed = [&](Now, Outbox& out) {
    t.told += "done;";
    out.finish();
  };
  const auto id = t.loop_a.start(std::move(s));
  t.loop_a.stop(id);
  t.loop_a.stop(id);
  t.world.run_for(2s);
  t.loop_a.stop(id);
  CHECK(t.told == "stop;done;");
  CHECK(t.loop_a.health().sessions == 0);
}

TEST_CASE("posted tasks run at the next turn, and the queue is bounded") {
  LoopPair t;
  int ran = 0;
  for (int i = 0; i < 4096; ++i) REQUIRE(t.loop_a.post([&] { ++ran; }));
  CHECK_FALSE(t.loop_a.post([&] { ++ran; }));
  CHECK(ran == 0);
  t.world.run_for(1ns);
  CHECK(ran == 4096);
  CHECK(t.loop_a.post([] { throw std::runtime_error("bad task"); }));
  CHECK(t.loop_a.post([&] { ++ran; }));
  t.world.run_for(1ns);
  CHECK(ran == 4097);
}
