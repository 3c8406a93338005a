#include "core/run/packet_loop.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <stdexcept>

#include "core/base/error.h"
#include "test/support/scripted_session.h"
#include "test/support/simulated_world.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }
const Endpoint kServer{ip("10.0.0.2"), 861};

struct Pair {
  SimulatedWorld world;
  SimulatedHost& a = world.host("a", {"10.0.0.1"});
  SimulatedHost& b = world.host("b", {"10.0.0.2"}, {.offset = -7ms});
  PacketLoop& loop_a = a.make_loop(world.log("loop a"));
  PacketLoop& loop_b = b.make_loop(world.log("loop b"));
  std::string told;  // what sessions were told, in order
  Pair() { world.link(a, b, {.delay = 10ms}); }

  std::unique_ptr<ScriptedSession> session() { return std::make_unique<ScriptedSession>(); }
  /// Listens on b and gives every byte back.
  void echo_on_b() {
    auto echo = session();
    echo->start = [](Now, Outbox& out) { CHECK(out.listen({IpAddress::any(Family::v4), 861})); };
    echo->bytes = [](StreamId id, std::span<const std::byte> data, Now, Outbox& out) { out.write(id, data); };
    echo->closed = [this](StreamId, const std::string& why, Now, Outbox&) { told += "b:" + why + ";"; };
    loop_b.start(std::move(echo));
  }
};

}  // namespace

TEST_CASE("deadlines of many sessions are served in the order of time, each with a fresh now") {
  Pair t;
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
  Pair t;
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
  Pair t;
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
  Pair t;
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
  Pair t;
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
  Pair t;
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

TEST_CASE("bytes go there and back over a connection, and its end is told") {
  Pair t;
  t.echo_on_b();
  std::string got;
  std::size_t wanted = 300'000;
  auto client = t.session();
  client->start = [](Now, Outbox& out) { CHECK(out.connect(kServer, {}) != 0); };
  client->connected = [&](StreamId id, Now, Outbox& out) {
    t.told += "connected;";
    out.write(id, Bytes(wanted, std::byte{'e'}));
  };
  client->bytes = [&](StreamId id, std::span<const std::byte> data, Now, Outbox& out) {
    got += text_of(data);
    if (got.size() == wanted) out.close_stream(id);
  };
  client->closed = [&](StreamId, const std::string&, Now, Outbox&) { t.told += "never told of its own closing;"; };
  t.loop_a.start(std::move(client));
  t.world.run_for(1s);
  CHECK(got == std::string(wanted, 'e'));
  CHECK(t.told == "connected;b:closed by the peer;");
}

TEST_CASE("a released stream is off its loop, and whoever holds it reads and writes it") {
  Pair t;
  t.echo_on_b();
  std::unique_ptr<Stream> held;
  auto client = t.session();
  client->start = [](Now, Outbox& out) { CHECK(out.connect(kServer, {}) != 0); };
  client->connected = [&](StreamId id, Now, Outbox& out) {
    held = out.release(id);
    CHECK(out.release(id) == nullptr);
    out.write(id, as_bytes("nobody's"));
  };
  client->bytes = [&](StreamId, std::span<const std::byte>, Now, Outbox&) { t.told += "still told;"; };
  t.loop_a.start(std::move(client));
  t.world.run_for(1s);
  REQUIRE(held);
  CHECK(held->write(as_bytes("echo")) == 4);
  t.world.run_for(1s);
  CHECK(text_of(held->read()) == "echo");
  held.reset();
  t.world.run_for(1s);
  CHECK(t.told == "b:closed by the peer;");
}

TEST_CASE("a refused and an unanswered connection are told with their reason") {
  Pair t;
  auto client = t.session();
  client->start = [](Now, Outbox& out) {
    out.connect(kServer, {});
    out.connect({ip("10.0.0.9"), 861}, {});
    out.connect({ip("fd00::9"), 861}, {});
  };
  client->closed = [&](StreamId id, const std::string& why, Now, Outbox&) { t.told += std::to_string(id) + why + ";"; };
  t.loop_a.start(std::move(client));
  CHECK(t.told.empty());
  t.world.run_for(9999ms);
  CHECK(t.told.find("1connection refused;") != std::string::npos);
  CHECK(t.told.find("3cannot connect to [fd00::9]:861: Network is unreachable;") != std::string::npos);
  CHECK(t.told.find('2') == std::string::npos);
  t.world.run_for(2ms);
  CHECK(t.told.find("2no answer within 10 s;") != std::string::npos);
}

TEST_CASE("a connection outlives a link that is down for a while, and nothing is lost") {
  Pair t;
  t.echo_on_b();
  std::string got;
  auto client = t.session();
  client->start = [](Now, Outbox& out) { out.connect(kServer, {}); };
  client->connected = [&](StreamId id, Now, Outbox& out) {
    out.write(id, as_bytes("one "));
    t.world.way(t.a, t.b).down = true;
    out.write(id, as_bytes("two "));
  };
  client->bytes = [&](StreamId, std::span<const std::byte> data, Now, Outbox&) { got += text_of(data); };
  client->closed = [&](StreamId, const std::string& why, Now, Outbox&) { t.told += why; };
  t.loop_a.start(std::move(client));
  t.world.run_for(1min);
  CHECK(got.empty());
  t.world.way(t.a, t.b).down = false;
  t.world.run_for(1s);
  CHECK(got == "one two ");
  CHECK(t.told.empty());
}

TEST_CASE("a reset connection is told at both ends") {
  Pair t;
  t.echo_on_b();
  auto client = t.session();
  client->start = [](Now, Outbox& out) { out.connect(kServer, {}); };
  client->closed = [&](StreamId, const std::string& why, Now, Outbox&) { t.told += "a:" + why + ";"; };
  t.loop_a.start(std::move(client));
  t.world.run_for(1s);
  t.a.reset_streams();
  t.world.run_for(1s);
  CHECK((t.told == "a:connection reset;b:connection reset;" || t.told == "b:connection reset;a:connection reset;"));
}

TEST_CASE("a peer that does not read is given up at 4 MiB, not before") {
  Pair t;
  auto mute = t.session();
  // Accepts, hands the stream to a session that never starts reading: here, by a link that is down.
  mute->start = [](Now, Outbox& out) { out.listen({IpAddress::any(Family::v4), 861}); };
  t.loop_b.start(std::move(mute));
  auto client = t.session();
  client->start = [](Now, Outbox& out) { out.connect(kServer, {}); };
  client->connected = [&](StreamId id, Now, Outbox& out) {
    t.world.way(t.a, t.b).down = true;
    out.write(id, Bytes(1 << 20));  // under way
    out.write(id, Bytes(4 << 20));  // queued
    t.told += "full;";
    out.write(id, Bytes(1));
    out.write(id, Bytes(1));
  };
  client->closed = [&](StreamId, const std::string& why, Now, Outbox&) { t.told += why + ";"; };
  t.loop_a.start(std::move(client));
  t.world.run_for(1s);
  CHECK(t.told == "full;the peer does not read;");
}

TEST_CASE("what is queued still leaves after the session has finished") {
  Pair t;
  std::size_t received = 0;
  auto server = t.session();
  server->start = [](Now, Outbox& out) { out.listen({IpAddress::any(Family::v4), 861}); };
  server->bytes = [&](StreamId, std::span<const std::byte> data, Now, Outbox&) { received += data.size(); };
  server->closed = [&](StreamId, const std::string& why, Now, Outbox&) { t.told += why; };
  t.loop_b.start(std::move(server));
  auto client = t.session();
  client->start = [](Now, Outbox& out) { out.connect(kServer, {}); };
  client->connected = [](StreamId id, Now, Outbox& out) {
    out.write(id, Bytes(3'000'000));
    out.finish();
  };
  t.loop_a.start(std::move(client));
  t.world.run_for(1s);
  CHECK(received == 3'000'000);
  CHECK(t.told == "closed by the peer");
}

TEST_CASE("a session hands a connection on, and every later byte goes to the one that took it") {
  Pair t;
  auto server = t.session();
  server->start = [](Now, Outbox& out) { out.listen({IpAddress::any(Family::v4), 861}); };
  server->accepted = [&](StreamId id, const Endpoint& peer, Now, Outbox& out) {
    CHECK(peer.address == ip("10.0.0.1"));
    auto heir = t.session();
    heir->start = [&t](Now, Outbox&) { t.told += "start;"; };
    heir->bytes = [&t](StreamId, std::span<const std::byte> data, Now, Outbox& o) {
      t.told += text_of(data) + ";";
      o.finish();
    };
    out.start(std::move(heir), id);
    out.write(id, as_bytes("no longer mine"));
  };
  server->bytes = [&](StreamId, std::span<const std::byte>, Now, Outbox&) { t.told += "the first still hears;"; };
  t.loop_b.start(std::move(server));
  auto client = t.session();
  client->start = [](Now, Outbox& out) { out.connect(kServer, {}); };
  client->connected = [](StreamId id, Now, Outbox& out) { out.write(id, as_bytes("hello")); };
  client->bytes = [&](StreamId, std::span<const std::byte>, Now, Outbox&) { t.told += "got an answer;"; };
  client->closed = [&](StreamId, const std::string& why, Now, Outbox&) { t.told += why + ";"; };
  t.loop_a.start(std::move(client));
  t.world.run_for(1s);
  CHECK(t.told == "start;hello;closed by the peer;");
  CHECK(t.loop_b.health().sessions == 1);
}

TEST_CASE("every session hears of a clock step once, with its size") {
  Pair t;
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
  Pair t;
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
  Pair t;
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
