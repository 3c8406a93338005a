#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <functional>

#include "core/base/error.h"
#include "core/net/linux_network.h"
#include "core/net/linux_socket.h"

using namespace sonde;
using namespace std::chrono_literals;

namespace {

struct Connection {
  LinuxClock clock;
  LinuxNetwork network{clock};
  const Family family = GENERATE(Family::v4, Family::v6);
  std::unique_ptr<Listener> listener = network.listen({IpAddress::loopback(family), 0});
  std::unique_ptr<Stream> client, server;

  bool wait_until(const std::function<bool()>& done) {
    const SteadyTime end = clock.steady_now() + 5s;
    while (!done() && clock.steady_now() < end) network.wait(clock.steady_now() + 20ms);
    return done();
  }
  void connect() {
    network.watch(*listener, 1);
    client = network.connect(listener->local(), {});
    network.watch(*client, 2, true);
    REQUIRE(wait_until([&] {
      if (!server) server = listener->accept();
      return server && client->state() == Stream::State::open;
    }));
    network.watch(*client, 2, false);
    network.watch(*server, 3, false);
  }
  std::string read_all(Stream& stream) {
    std::string all;
    wait_until([&] {
      for (auto data = stream.read(); !data.empty(); data = stream.read()) {
        all.append(reinterpret_cast<const char*>(data.data()), data.size());
      }
      return stream.state() == Stream::State::closed;
    });
    return all;
  }
};

}  // namespace

TEST_CASE("64 KiB and more pass through a connection in order, then its end is seen") {
  Connection t;
  t.connect();
  CHECK(t.server->peer() == t.client->local());
  CHECK(t.client->peer() == t.listener->local());
  Bytes data(1'000'000);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 7 + i / 251);
  std::string got;
  std::size_t sent = 0;
  CHECK(t.wait_until([&] {
    if (sent < data.size()) sent += t.client->write(std::span(data).subspan(sent));
    const auto piece = t.server->read();
    CHECK(piece.size() <= 65'536);
    got.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return got.size() == data.size();
  }));
  CHECK(std::ranges::equal(std::as_bytes(std::span(got)), data));
  CHECK(t.server->state() == Stream::State::open);
  t.client.reset();
  CHECK(t.read_all(*t.server).empty());
  CHECK(t.server->reason() == "closed by the peer");
}

TEST_CASE("what a half-closed peer sent before is read to its end") {
  Connection t;
  t.connect();
  CHECK(t.client->write(as_bytes("last words")) == 10);
  REQUIRE(::shutdown(dynamic_cast<Pollable&>(*t.client).fd.get(), SHUT_WR) == 0);
  CHECK(t.read_all(*t.server) == "last words");
  CHECK(t.server->reason() == "closed by the peer");
  CHECK(t.server->write(as_bytes("too late")) == 0);
}

TEST_CASE("a writer learns that there is no room, and nothing is lost or written twice") {
  Connection t;
  t.connect();
  const Bytes piece(65'536, std::byte{'a'});
  std::size_t sent = 0;
  while (const std::size_t some = t.client->write(piece)) sent += some;
  CHECK(sent > 65'536);
  CHECK(t.client->state() == Stream::State::open);
  std::size_t got = 0;
  CHECK(t.wait_until([&] {
    got += t.server->read().size();
    return got == sent;
  }));
  CHECK(t.server->read().empty());
}

TEST_CASE("a refused connection says so") {
  Connection t;
  const Endpoint closed = t.listener->local();
  t.listener.reset();
  const auto stream = t.network.connect(closed, {});
  t.network.watch(*stream, 1, true);
  CHECK(t.wait_until([&] { return stream->state() == Stream::State::closed; }));
  CHECK(stream->reason() == "connection refused");
  CHECK(stream->write(as_bytes("x")) == 0);
  CHECK(stream->read().empty());
}

TEST_CASE("a reset connection says so, after what came before it") {
  Connection t;
  t.connect();
  const linger hard{1, 0};
  ::setsockopt(dynamic_cast<Pollable&>(*t.client).fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  t.client.reset();
  CHECK(t.read_all(*t.server).empty());
  CHECK(t.server->reason() == "connection reset by peer");
}

TEST_CASE("a taken port and a foreign address cannot be listened at") {
  Connection t;
  CHECK_THROWS_AS(t.network.listen(t.listener->local()), Error);
  CHECK_THROWS_AS(t.network.listen({IpAddress::parse("203.0.113.1").value(), 0}), Error);
}

TEST_CASE("a connection leaves from the address that was asked for") {
  Connection t;
  if (t.family == Family::v6) return;
  const IpAddress from = IpAddress::parse("127.0.0.2").value();
  const auto stream = t.network.connect(t.listener->local(), from);
  CHECK(stream->local().address == from);
}
