#include <algorithm>
#include <deque>

#include "test/probes/owamp/raw_client.h"

using namespace sonde;
using namespace sonde::owamp;
using namespace sonde::test;
using amp::Accept;

namespace {

FetchReply fetch(RawClient& client, const amp::Sid& sid) {
  client.take();
  client.send(encode(FetchSession{0, UINT32_MAX, sid}));
  const auto reply = decode_fetch_reply(client.take());
  REQUIRE(reply);
  return *reply;
}

}  // namespace

TEST_CASE("the server greets with open mode and nothing else") {
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  CHECK(amp::decode_greeting(client.take()) == amp::Greeting{amp::kModeOpen});
}

TEST_CASE("whoever is not allowed gets Modes 0 and a closed door") {
  TwoEnds ends;
  ends.serve(Allowance{});
  RawClient client(ends);
  CHECK(amp::decode_greeting(client.take()) == amp::Greeting{0});
  CHECK(client.closed);
}

TEST_CASE("a mode that was not offered ends the connection") {
  const std::uint32_t mode = GENERATE(0U, 2U, 3U, 4U, 17U, 0x80000001U);
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  client.take();
  client.send(encode(amp::SetUpResponse{mode}));
  CHECK(amp::decode_server_start(client.take())->accept == Accept::unsupported);
  CHECK(client.closed);
}

TEST_CASE("a connection that says nothing is closed after ten seconds, one that was set up is kept for half an hour") {
  TwoEnds ends;
  ends.serve();
  RawClient silent(ends), idle(ends);
  idle.set_up();
  ends.world.run_for(11s);
  CHECK(silent.closed);
  CHECK_FALSE(idle.closed);
  ends.world.run_for(30min);
  CHECK(idle.closed);
}

TEST_CASE("a source has at most eight half-open connections") {
  TwoEnds ends;
  ends.serve();
  std::deque<RawClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(ends);
    CHECK(amp::decode_greeting(clients.back().take()) == amp::Greeting{amp::kModeOpen});
  }
  RawClient ninth(ends);
  CHECK(amp::decode_greeting(ninth.take()) == amp::Greeting{0});
  CHECK(ninth.closed);
  clients[0].set_up();
  RawClient tenth(ends);
  CHECK(amp::decode_greeting(tenth.take()) == amp::Greeting{amp::kModeOpen});
}

TEST_CASE("a session with a third party is refused in either direction") {
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  client.set_up();
  for (const bool server_sends : {false, true}) {
    CHECK(client.ask(client.request(server_sends)).accept == Accept::ok);
    Request request = client.request(server_sends);
    request.receiver = *IpAddress::parse("10.0.0.3");
    CHECK(client.ask(request).accept == Accept::rejected);
    request = client.request(server_sends);
    request.sender = *IpAddress::parse("10.0.0.3");
    CHECK(client.ask(request).accept == Accept::rejected);
    // Nor may the server be made to talk to itself.
    request = client.request(server_sends);
    request.sender = request.receiver = *IpAddress::parse("10.0.0.2");
    CHECK(client.ask(request).accept == Accept::rejected);
  }
}

TEST_CASE("addresses left zero mean the two ends of the connection") {
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  client.set_up();
  Request request = client.request(true);
  request.sender = request.receiver = IpAddress::any(Family::v4);
  CHECK(client.ask(request).accept == Accept::ok);
}

TEST_CASE("a request for both roles, for none, of another family or without a port is not supported or rejected") {
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  client.set_up();
  Request request = client.request(false);
  request.server_sends = true;
  CHECK(client.ask(request).accept == Accept::unsupported);
  request.server_sends = request.server_receives = false;
  CHECK(client.ask(request).accept == Accept::unsupported);
  request = client.request(false);
  request.sender_port = 0;
  CHECK(client.ask(request).accept == Accept::unsupported);
  request = client.request(false);
  request.family = Family::v6;
  request.sender = request.receiver = IpAddress::any(Family::v6);
  CHECK(client.ask(request).accept == Accept::rejected);
  Bytes odd = encode(client.request(false));
  odd[1] = std::byte{5};
  client.send(odd);
  CHECK(decode_accept_session(client.take())->accept == Accept::unsupported);
  CHECK_FALSE(client.closed);
}

TEST_CASE("requests beyond the source's allowance are refused with the code that says whether to try again") {
  TwoEnds ends;
  ends.serve(Allowance{true, 100, 60, 1, 16, 1'000'000, ""});
  RawClient client(ends);
  client.set_up();
  Request fast = client.request(false);
  fast.slots[0].length = amp::to_ntp_length(5ms);
  CHECK(client.ask(fast).accept == Accept::permanent_limit);
  for (int i = 0; i < 10; ++i) CHECK(client.ask(client.request(false)).accept == Accept::ok);
  CHECK(client.ask(client.request(false)).accept == Accept::temporary_limit);
}

TEST_CASE("test ports come from the one range and from nowhere else") {
  TwoEnds ends;
  ServerOptions options{.listen = {IpAddress::any(Family::v4), 861},
                        .test_ports = {9000, 9001},
                        .clock = ends.server.clock(),
                        .random = *ends.server_random,
                        .log = {},
                        .allowance = [](const IpAddress&) { return TwoEnds::everything(); }};
  ends.server_loop.start(make_server(std::move(options)));
  RawClient client(ends);
  client.set_up();
  std::vector<std::uint16_t> ports;
  // The client's endpoint is the same each time, so each session needs a port of its own.
  for (int i = 0; i < 2; ++i) ports.push_back(client.ask(client.request(false)).port);
  std::ranges::sort(ports);
  CHECK(ports == std::vector<std::uint16_t>{9000, 9001});
  CHECK(client.ask(client.request(false)).accept == Accept::temporary_limit);
  // What the server sends is told apart by its client's end, so it shares a port.
  CHECK(client.ask(client.request(true)).accept == Accept::ok);
}

TEST_CASE("the server records what comes, in the order it comes, and hands it over once") {
  TwoEnds ends({.delay = 1ms}, {.delay = 1ms});
  ends.serve();
  RawClient client(ends);
  client.set_up();
  const Request request = client.request(false, 3);
  const AcceptSession session = client.ask(request);
  CHECK(session.port >= 8760);
  CHECK(session.port <= 8960);
  client.start();
  ends.world.run_for(900ms);
  const UtcTime sent = ends.world.now();
  client.send_packet(session.port, 1, sent);
  client.send_packet(session.port, 1, sent);
  client.send_packet(session.port, 7, sent);  // of no session
  client.send_packet(static_cast<std::uint16_t>(session.port + 1), 0, sent);
  ends.world.run_for(5s);
  client.send(encode(StopSessions{Accept::ok, {{session.sid, 3, {{2, 2}}}}}));
  CHECK(decode_stop_sessions(client.take()) == StopSessions{});
  const FetchReply reply = fetch(client, session.sid);
  CHECK(reply.accept == Accept::ok);
  CHECK(reply.finished);
  CHECK(reply.next_sequence == 3);
  CHECK(reply.skips == std::vector<SkipRange>{{2, 2}});
  CHECK(reply.request.receiver_port == session.port);
  CHECK(reply.request.sid == session.sid);
  REQUIRE(reply.records.size() == 3);
  CHECK(reply.records[0].sequence == 1);
  CHECK(reply.records[1].sequence == 1);
  CHECK(reply.records[0].hop_limit == 255);
  CHECK(reply.records[2].sequence == 0);
  CHECK(reply.records[2].lost());
  CHECK(fetch(client, session.sid).accept == Accept::rejected);
}

TEST_CASE("the server sends by the schedule that both ends know, from the port it named") {
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  client.set_up();
  Request request = client.request(true, 5);
  request.slots = {{Slot::Kind::exponential, amp::to_ntp_length(100ms)}};
  const AcceptSession session = client.ask(request);
  CHECK(session.sid == request.sid);
  client.start();
  ends.world.run_for(4s);
  const auto due = make_utc_schedule(request.sid, request.start, request.slots, 5, ends.world.now());
  REQUIRE(client.datagrams.size() == 5);
  for (std::uint32_t i = 0; i < 5; ++i) {
    CHECK(client.datagrams[i].from == Endpoint{*IpAddress::parse("10.0.0.2"), session.port});
    CHECK(client.datagrams[i].packet->sequence == i);
    CHECK(amp::to_utc(client.datagrams[i].packet->sent, due[i]) == due[i]);
  }
  client.take();
  client.send(encode(StopSessions{}));
  CHECK(decode_stop_sessions(client.take()) == StopSessions{Accept::ok, {{session.sid, 5, {}}}});
}

TEST_CASE("a session that its client does not vouch for is not kept") {
  TwoEnds ends;
  ends.serve();
  for (const StopSessions& stop : {StopSessions{Accept::internal_error, {}}, StopSessions{}}) {
    RawClient client(ends);
    client.set_up();
    const AcceptSession session = client.ask(client.request(false));
    client.start();
    StopSessions told = stop;
    if (told.accept != Accept::ok) told.sessions = {{session.sid, 10, {}}};
    client.send(encode(told));
    CHECK(fetch(client, session.sid).accept == Accept::rejected);
  }
}

TEST_CASE("sessions that nobody stops are stopped by the server, and the connection is closed in the end") {
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  client.set_up();
  client.ask(client.request(false));
  client.start();
  client.take();
  ends.world.run_for(25s);
  CHECK(decode_stop_sessions(client.take()) == StopSessions{});
  CHECK_FALSE(client.closed);
  ends.world.run_for(11s);
  CHECK(client.closed);
}

TEST_CASE("a command at the wrong time, or none at all, ends the connection at its first octet") {
  const auto [running, octet] = GENERATE(table<bool, int>(
      {{false, 3}, {false, 0}, {false, 5}, {false, 255}, {true, 1}, {true, 2}, {true, 4}, {true, 99}}));
  CAPTURE(running, octet);
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  client.set_up();
  if (running) {
    client.ask(client.request(false));
    client.start();
  }
  client.send(Bytes{static_cast<std::byte>(octet)});
  CHECK(client.closed);
}

TEST_CASE("a start without a session is refused") {
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  client.set_up();
  client.take();
  client.send(encode_start_sessions());
  CHECK(decode_start_ack(client.take()) == Accept::rejected);
}

TEST_CASE("messages cut into single octets are the same messages") {
  TwoEnds ends;
  ends.serve();
  RawClient client(ends);
  client.set_up();
  client.take();
  Request request = client.request(false);
  request.start = amp::to_ntp(ends.world.now() + 1min);
  for (const std::byte octet : encode(request)) client.send(Bytes{octet});
  CHECK(decode_accept_session(client.take())->accept == Accept::ok);
}

TEST_CASE("a step of the server's clock ends its sessions with what was sure before it") {
  TwoEnds ends({.delay = 1ms}, {.delay = 1ms});
  ends.serve();
  RawClient client(ends);
  client.set_up();
  const AcceptSession session = client.ask(client.request(false, 100));
  client.start();
  ends.world.run_for(4s);  // due since 3 s: numbers 0 to 19 are judged
  client.take();
  ends.server.clock().step(1h);
  client.settle();
  CHECK(decode_stop_sessions(client.take()) == StopSessions{});
  client.send(encode(StopSessions{Accept::ok, {{session.sid, 35, {}}}}));
  const FetchReply reply = fetch(client, session.sid);
  CHECK(reply.accept == Accept::ok);
  CHECK(reply.records.size() > 10);
  CHECK(reply.records.size() < 30);
  for (const Record& record : reply.records) CHECK(record.lost());
}
