#include <catch2/catch.hpp>
#include <deque>

#include "test/web/served.h"

using namespace sonde::web;
using namespace sonde::web::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr std::string_view kOpen = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kHello = "event: hello\nid: 1\ndata: {}\n\n";

ServerOptions stream_options() {
  ServerOptions options = loopback_options();
  options.threads = 80;
  return options;
}

/// Waits, within 20 s, for the places of clients that have left.
bool becomes(const Server& server, unsigned streams) {
  for (int i = 0; i < 2000 && server.open_streams() != streams; ++i) std::this_thread::sleep_for(10ms);
  return server.open_streams() == streams;
}

}  // namespace

TEST_CASE("events reach the client as they are sent") {
  Served served;
  Client client = served.connect();
  client.send(kOpen);
  CHECK_THAT(client.read_until(kHello),
             Contains("Content-Type: text/event-stream\r\n") && Contains("\r\n\r\n" + std::string(kHello)));
  CHECK(served.server.open_streams() == 1);
}

TEST_CASE("a returning browser says what it has seen") {
  Served served;
  served.on_stream = [](const HttpRequest&, EventStream& stream) { stream.send("", "", stream.last_event_id()); };
  CHECK_THAT(served.connect().get("/stream", "Last-Event-ID: 41\r\n"), Contains("data: 41\n\n"));
}

TEST_CASE("the fifth stream of a source is refused, that of another source is not") {
  Served served(stream_options());
  std::deque<Client> open;
  for (int i = 0; i < 4; ++i) {
    open.emplace_back("127.0.0.1", served.port()).send(kOpen);
    CHECK_THAT(open.back().read_until(kHello), Contains("200 OK"));
  }
  CHECK_THAT(served.connect().get("/stream"), Contains("429") && Contains("4 event streams open"));
  Client other("127.0.0.1", served.port(), "127.0.0.2");
  other.send(kOpen);
  CHECK_THAT(other.read_until(kHello), Contains("200 OK"));
  CHECK(status_of(served.connect().get("/")) == "200");
}

TEST_CASE("the sixty-fifth stream is refused, and pages are served beside the sixty-four") {
  Served served(stream_options());
  std::deque<Client> open;
  for (int i = 0; i < 64; ++i) {
    open.emplace_back("127.0.0.1", served.port(), "127.0.1." + std::to_string(1 + i / 4)).send(kOpen);
    REQUIRE_THAT(open.back().read_until(kHello), Contains("200 OK"));
  }
  CHECK_THAT(Client("127.0.0.1", served.port(), "127.0.2.1").get("/stream"), Contains("503") && Contains("(64)"));
  CHECK(status_of(served.connect().get("/")) == "200");
}

TEST_CASE("a client that leaves gives its place back though nothing is sent") {
  Served served(stream_options());
  for (int round = 0; round < 3; ++round) {
    std::deque<Client> open;
    for (int i = 0; i < 4; ++i) {
      open.emplace_back("127.0.0.1", served.port()).send(kOpen);
      CHECK_THAT(open.back().read_until(kHello), Contains("200 OK"));
    }
    open.clear();
    CHECK(becomes(served.server, 0));
  }
}

TEST_CASE("a client that does not read is dropped, not waited for") {
  ServerOptions options = stream_options();
  options.header_time = 300ms;  // also the time of a write
  Served served(options);
  std::atomic<bool> dropped{false};
  served.on_stream = [&](const HttpRequest&, EventStream& stream) {
    const std::string much(1 << 20, 'x');
    for (int i = 0; i < 64 && stream.send("", "", much); ++i) continue;
    dropped = stream.closed();
  };
  Client client = served.connect();
  client.send(kOpen);
  CHECK(becomes(served.server, 1));
  CHECK(becomes(served.server, 0));
  served.server.stop();
  CHECK(dropped);
}

TEST_CASE("stopping ends the streams that wait") {
  Served served(stream_options());
  Client client = served.connect();
  client.send(kOpen);
  client.read_until(kHello);
  served.server.stop();
  CHECK(client.read_to_end().empty());
}
