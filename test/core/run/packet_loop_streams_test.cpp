// Connections over a packet loop: how they begin, end, hand over and refuse.
#include <catch2/catch.hpp>

#include "test/core/run/loop_pair.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

TEST_CASE("bytes go there and back over a connection, and its end is told") {
  LoopPair t;
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
  LoopPair t;
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
  LoopPair t;
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
  LoopPair t;
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
  LoopPair t;
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
  LoopPair t;
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
  LoopPair t;
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
  LoopPair t;
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
