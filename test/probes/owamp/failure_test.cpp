#include "test/probes/owamp/two_ends.h"
#include "test/support/scripted_session.h"

using namespace sonde;
using namespace sonde::owamp;
using namespace sonde::test;

namespace {

/// A server that answers with what a test hands it, message by message.
void serve_script(TwoEnds& ends, Bytes greeting, std::vector<Bytes> answers = {}, bool closes = false) {
  auto session = std::make_unique<ScriptedSession>();
  session->start = [](Now, Outbox& out) { out.listen({IpAddress::any(Family::v4), 861}); };
  session->accepted = [greeting, closes, answers](StreamId stream, const Endpoint&, Now, Outbox& out) {
    out.write(stream, greeting);
    if (closes && answers.empty()) out.close_stream(stream);
  };
  session->bytes = [answers, closes, next = std::size_t{0}](StreamId stream, std::span<const std::byte>, Now,
                                                            Outbox& out) mutable {
    if (next < answers.size()) out.write(stream, answers[next++]);
    if (next == answers.size() && closes) out.close_stream(stream);
  };
  ends.server_loop.start(std::move(session));
}

const Result& failed(TwoEnds& ends, const std::string& phrase) {
  ends.start(ends.order());
  const Result& result = ends.result();
  CAPTURE(result.sentence);
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.directions.empty());
  CHECK(result.sentence.find(phrase) != std::string::npos);
  return result;
}

const Bytes kGreeting = encode(amp::Greeting{1}), kStart = encode(amp::ServerStart{});

}  // namespace

TEST_CASE("nobody listens: the Result says that the host is there and its server is not") {
  TwoEnds ends;
  failed(ends, "no OWAMP server listens on this port");
}

TEST_CASE("nobody answers: the Result says that the host is down or a firewall drops the port") {
  TwoEnds ends;
  ends.world.way(ends.client, ends.server).down = true;
  failed(ends, "a firewall drops TCP port 861");
}

TEST_CASE("no address of the peer's family: the Result says that there is no route") {
  TwoEnds ends;
  RunOrder order = ends.order();
  order.spec.source = "fd00::1";
  ends.start(order);
  CHECK(ends.result().sentence.find("No route to 10.0.0.2") == 0);
}

TEST_CASE("the peer's rules refuse this node: the Result says whom to ask") {
  TwoEnds ends;
  ends.serve(Allowance{});
  failed(ends, "(Modes 0)");
}

TEST_CASE("the peer wants a key: the Result says so") {
  TwoEnds ends;
  serve_script(ends, encode(amp::Greeting{6}));
  failed(ends, "offers no open mode (Modes 6)");
}

TEST_CASE("another service listens there: the Result says so") {
  TwoEnds ends;
  const std::string banner = "HTTP/1.1 400 Bad Request: this is not the service you look for......";
  Bytes data;
  for (const char c : banner) data.push_back(static_cast<std::byte>(c));
  serve_script(ends, data);
  failed(ends, "is not OWAMP");
}

TEST_CASE("a peer that takes the connection and says nothing is given ten seconds") {
  TwoEnds ends;
  serve_script(ends, {});
  const UtcTime begin = ends.world.now();
  failed(ends, "sent no Server-Greeting in time");
  CHECK(ends.world.now() - begin < 11s);
}

TEST_CASE("a peer that closes says where in the talk it did") {
  TwoEnds at_once;
  serve_script(at_once, kGreeting, {}, true);
  failed(at_once, "ended while we waited for");
  TwoEnds later;
  serve_script(later, kGreeting, {kStart}, true);
  failed(later, "ended while we waited for Accept-Session");
}

TEST_CASE("each refusal of a session is told with what it means") {
  using amp::Accept;
  const auto [accept, phrase] = GENERATE(table<Accept, std::string>({
      {Accept::rejected, "its rules do not allow this node"},
      {Accept::internal_error, "an error inside the peer"},
      {Accept::unsupported, "does not know what was asked for"},
      {Accept::permanent_limit, "more than the peer ever gives"},
      {Accept::temporary_limit, "the peer is full now"},
  }));
  TwoEnds ends;
  serve_script(ends, kGreeting, {kStart, encode(AcceptSession{accept, 0, {}})});
  failed(ends, phrase);
}

TEST_CASE("a refused connection, a refused start and answers that are none are told") {
  TwoEnds connection;
  serve_script(connection, kGreeting, {encode(amp::ServerStart{amp::Accept::temporary_limit, {}})});
  failed(connection, "did not accept the connection");
  TwoEnds nonsense;
  serve_script(nonsense, kGreeting, {kStart, Bytes(48, std::byte{9})});
  failed(nonsense, "sent as Accept-Session is not OWAMP");
  const Bytes accept = encode(AcceptSession{amp::Accept::ok, 8800, {}});
  TwoEnds start;
  serve_script(start, kGreeting, {kStart, accept, accept, encode_start_ack(amp::Accept::rejected)});
  failed(start, "did not accept the start of the sessions");
}

TEST_CASE("a firewall that drops test packets is named, with the ports to open") {
  TwoEnds ends;
  ends.serve();
  ends.world.way(ends.client, ends.server).lose_when = [](std::uint64_t, std::span<const std::byte>) { return true; };
  ends.start(ends.order());
  const Result& result = ends.result();
  CHECK(result.outcome == Outcome::done);
  CHECK(direction_of(result, Direction::forward)->counts.lost == 50);
  CHECK(direction_of(result, Direction::reverse)->counts.received == 50);
  CHECK(result.sentence.find("No packet from here reached the peer") != std::string::npos);
}

TEST_CASE("a connection lost on the way leaves what had come until then") {
  TwoEnds ends;
  ends.serve();
  ends.start(ends.order({{"count", "100"}, {"loss_threshold", "1s"}}));
  ends.world.run_for(8s);
  ends.client.reset_streams();
  const Result& result = ends.result();
  CHECK(result.outcome == Outcome::done);
  REQUIRE(result.directions.size() == 1);
  CHECK(result.directions[0].direction == Direction::reverse);
  CHECK(result.directions[0].counts.received > 30);
  CHECK(result.directions[0].counts.lost == 0);
  CHECK(result.sentence.find("What the peer received is not known") != std::string::npos);
}

TEST_CASE("a continuous test tells each minute that fails, once it is over, and goes on when the peer is back") {
  TwoEnds ends;
  ends.start(ends.order({}, TwoEnds::continuous()));
  const UtcTime begin = ends.world.now();
  ends.world.run_until(begin + 181s);
  REQUIRE(ends.results.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(ends.results[i].outcome == Outcome::failed);
    CHECK(ends.results[i].begin == begin + 60s * static_cast<int>(i + 1));
    CHECK(ends.results[i].end <= ends.world.now());
  }
  ends.serve();
  CHECK(ends.result(5).outcome == Outcome::done);
}

TEST_CASE("a continuous test whose own address is gone waits for it to come back") {
  TwoEnds ends;
  RunOrder order = ends.order({}, TwoEnds::continuous());
  order.spec.source = "10.9.9.9";
  ends.start(order);
  ends.world.run_for(150s);
  REQUIRE(ends.results.size() == 2);
  CHECK(ends.results[0].sentence.find("No test socket could be opened on 10.9.9.9") == 0);
  CHECK(ends.results[1].begin == ends.results[0].begin + 60s);
}
