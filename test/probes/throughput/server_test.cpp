#include "test/probes/throughput/simulated_test_ends.h"

using namespace sonde;
using namespace sonde::test;
using throughput::Parameters;

namespace {

Bytes cookie(char letter) { return Bytes(37, static_cast<std::byte>(letter)); }

Bytes parameters(std::string_view json) { return throughput::frame_json(json); }

/// Cookie, then (once the server says 09) these octets.
void ask(ThroughputEnds& t, PacketLoop& loop, ThroughputEnds::Raw& raw, const Bytes& request) {
  t.raw(
      loop, raw, [](StreamId id, Outbox& out) { out.write(id, cookie('a')); },
      [&raw, request](StreamId id, Outbox& out) {
        if (raw.heard.size() == 1) out.write(id, request);
      });
}

constexpr const char* kTenSeconds =
    R"({"tcp":true,"omit":0,"time":10,"num":0,"blockcount":0,"parallel":1,"len":131072})";

}  // namespace

TEST_CASE("a second client is told that the server is busy, and costs the first one nothing") {
  ThroughputEnds t;
  t.serve();
  t.start(t.order({{"duration", "10s"}}));
  t.world.run_for(3s);
  ThroughputEnds::Raw second;
  t.raw(t.other_loop, second, [](StreamId id, Outbox& out) { out.write(id, cookie('b')); });
  t.world.run_for(2s);
  CHECK(t.hex(second) == "ff");
  CHECK_FALSE(second.ended.empty());
  CHECK(t.result().outcome == Outcome::done);
  CHECK(t.reports[0].intervals.size() == 10);
}

TEST_CASE("our own client reports a busy server as busy") {
  ThroughputEnds t;
  t.serve();
  t.start(t.order({{"duration", "10s"}}));
  t.world.run_for(1s);
  t.start(t.order({{"duration", "10s"}}));
  const Result& busy = t.result();
  CHECK(busy.outcome == Outcome::busy);
  CHECK(busy.sentence.find("was busy with a test of somebody else") != std::string::npos);
}

TEST_CASE(
    "who connects and says nothing, or half a cookie, or no parameters, is shown out after 5 s and holds nobody") {
  ThroughputEnds t;
  t.serve();
  ThroughputEnds::Raw mute, half, idle;
  t.raw(t.other_loop, mute, [](StreamId, Outbox&) {});
  t.raw(t.other_loop, half, [](StreamId id, Outbox& out) { out.write(id, Bytes(20)); });
  t.raw(t.other_loop, idle, [](StreamId id, Outbox& out) { out.write(id, cookie('a')); });
  t.world.run_for(1s);
  CHECK(t.hex(idle) == "09");
  t.start(t.order({{"duration", "2s"}}));
  CHECK(t.result().outcome == Outcome::done);
  t.world.run_for(5s);
  CHECK(mute.ended == "closed by the peer");
  CHECK(half.ended == "closed by the peer");
  CHECK(idle.ended == "closed by the peer");
}

TEST_CASE("a client that opens no data streams gives the server back after 10 s") {
  ThroughputEnds t;
  t.serve();
  ThroughputEnds::Raw stalled;
  ask(t, t.other_loop, stalled, parameters(kTenSeconds));
  t.world.run_for(1s);
  CHECK(t.hex(stalled) == "090a");
  t.world.run_for(10s);
  CHECK(stalled.ended == "closed by the peer");
  CHECK(t.released.size() == 1);
  t.start(t.order({{"duration", "2s"}}));
  CHECK(t.result().outcome == Outcome::done);
}

TEST_CASE("a data connection with a wrong cookie, or from another address, is denied and the test waits on") {
  ThroughputEnds t;
  t.serve();
  ThroughputEnds::Raw control, wrong, foreign;
  ask(t, t.client_loop, control, parameters(kTenSeconds));
  t.world.run_for(1s);
  t.raw(t.client_loop, wrong, [](StreamId id, Outbox& out) { out.write(id, cookie('z')); });
  t.raw(t.other_loop, foreign, [](StreamId id, Outbox& out) { out.write(id, cookie('a')); });
  t.world.run_for(1s);
  CHECK(t.hex(wrong) == "ff");
  CHECK(t.hex(foreign) == "ff");
  CHECK(t.hex(control) == "090a");
  ThroughputEnds::Raw right;
  t.raw(t.client_loop, right, [](StreamId id, Outbox& out) { out.write(id, cookie('a')); });
  t.world.run_for(1s);
  CHECK(t.hex(control) == "090a0102");
}

TEST_CASE("absurd parameters are refused with iperf3's number for it") {
  const auto [json, answer] = GENERATE(table<std::string, std::string>({
      {R"({"tcp":true,"time":0,"num":0,"blockcount":0,"parallel":1})", "fe00000010"},
      {R"({"tcp":true,"time":10,"parallel":100000})", "fe00000006"},
      {R"({"tcp":true,"time":10,"parallel":0})", "fe00000006"},
      {R"({"tcp":true,"time":86400000,"parallel":1})", "fe00000005"},
      {R"({"tcp":true,"time":10,"len":99999999})", "fe00000007"},
      {R"({"udp":true,"time":10,"len":4,"bandwidth":1000})", "fe00000007"},
      {R"({"tcp":true,"time":10,"window":99999999999})", "fe00000072"},
      {R"({"tcp":true,"time":-1})", "fe00000072"},
      {R"({"tcp":"yes","time":10})", "fe00000072"},
      {R"({"sctp":true,"time":10})", "fe00000072"},
      {R"({"udp":true,"time":10,"bandwidth":900000000000})", "fe0000001b"},
      {R"(what)", "fe00000072"},
  }));
  ThroughputEnds t;
  t.serve();
  ThroughputEnds::Raw raw;
  ask(t, t.other_loop, raw, parameters(json));
  t.world.run_for(2s);
  CHECK(t.hex(raw) == "09" + answer + "00000000");
  CHECK_FALSE(raw.ended.empty());
  t.start(t.order({{"duration", "1s"}}));
  CHECK(t.result().outcome == Outcome::done);
}

TEST_CASE("parameters of 8 KiB are read, longer ones are refused before they are taken in") {
  ThroughputEnds t;
  t.serve();
  ThroughputEnds::Raw most, longer;
  std::string json = R"({"tcp":true,"time":10,"len":131072,"title":")";
  json += std::string(8190 - json.size(), 'x') + "\"}";
  REQUIRE(json.size() == 8192);
  ask(t, t.other_loop, most, parameters(json));
  t.world.run_for(1s);
  CHECK(t.hex(most) == "090a");
  t.world.run_for(12s);
  ask(t, t.other_loop, longer, ByteWriter{}.u32(0x7fffffff).zeros(100'000).take());
  t.world.run_for(1s);
  CHECK(t.hex(longer) == "09fe0000007200000000");
}

TEST_CASE("limits: not allowed, too long, too many streams, too many tests an hour, the day's share") {
  Allowance allowance{true, 100, 60, 2, 2, 1'000'000'000'000, "row"};
  ThroughputEnds t;
  SECTION("not allowed") {
    t.serve(Allowance{.why = "no row"});
    t.start(t.order());
    CHECK(t.result().outcome == Outcome::busy);
  }
  SECTION("too long") {
    t.serve(allowance);
    t.start(t.order({{"duration", "61s"}}));
    CHECK(t.result().outcome == Outcome::refused);
    CHECK(t.result().sentence.find("the test is longer than it allows") != std::string::npos);
  }
  SECTION("too many streams") {
    t.serve(allowance);
    t.start(t.order({{"duration", "1s"}, {"parallel", "3"}}));
    CHECK(t.result().sentence.find("more streams than it allows") != std::string::npos);
  }
  SECTION("UDP beyond 50 Mbit/s") {
    t.serve(allowance);
    t.start(t.order({{"duration", "1s"}, {"protocol", "udp"}, {"rate", "26e6"}, {"parallel", "2"}}));
    CHECK(t.result().sentence.find("the total rate is above") != std::string::npos);
  }
  SECTION("tests an hour") {
    t.serve(allowance);
    for (std::size_t i = 1; i <= 2; ++i) {
      t.start(t.order({{"duration", "1s"}}));
      CHECK(t.result(i).outcome == Outcome::done);
    }
    t.start(t.order({{"duration", "1s"}}));
    CHECK(t.result(3).outcome == Outcome::busy);
    t.world.run_for(1h);
    t.start(t.order({{"duration", "1s"}}));
    CHECK(t.result(4).outcome == Outcome::done);
  }
  SECTION("octets a day") {
    allowance.octets_per_day = 1'000'000;
    t.serve(allowance);
    t.start(t.order({{"duration", "1s"}}));
    CHECK(t.result().outcome == Outcome::done);
    t.start(t.order({{"duration", "1s"}}));
    CHECK(t.result(2).outcome == Outcome::busy);
  }
}

TEST_CASE("the slot for heavy tests is asked before the client hears a yes, and given back at the end") {
  ThroughputEnds t;
  auto options = t.options();
  throughput::Ask asked;
  std::function<void(std::optional<std::string>)> answer;
  options.ask = [&](const throughput::Ask& ask, auto reply) {
    asked = ask;
    answer = std::move(reply);
  };
  t.serve(std::move(options));
  t.start(t.order({{"duration", "30s"}, {"omit", "2s"}}));
  t.world.run_for(1s);
  REQUIRE(answer);
  CHECK(asked.length == 42s);
  CHECK(asked.source.text() == "10.0.0.1");
  SECTION("granted") {
    answer(std::nullopt);
    CHECK(t.result().outcome == Outcome::done);
    t.world.run_for(1s);
  }
  SECTION("refused") {
    answer("a planned test begins before");
    CHECK(t.result().outcome == Outcome::busy);
  }
  SECTION("never answered") { CHECK(t.result(1, 10s).outcome == Outcome::busy); }
  CHECK(t.released == std::vector{asked.id});
}

TEST_CASE("the client's end in the middle of a test frees the server at once") {
  ThroughputEnds t;
  t.serve();
  t.start(t.order({{"duration", "30s"}}));
  t.world.run_for(5s);
  t.client.reset_streams();
  t.world.run_for(100ms);
  REQUIRE(t.ends.size() == 1);
  CHECK(t.ends[0].outcome == Outcome::failed);
  CHECK(t.ends[0].sentence.find("it was not completed: ") != std::string::npos);
  CHECK(t.data->movers == 0);
}

TEST_CASE("a test that does not end in its time is ended by the server") {
  ThroughputEnds t;
  t.serve();
  ThroughputEnds::Raw control, stream;
  ask(t, t.client_loop, control, parameters(kTenSeconds));
  t.world.run_for(1s);
  t.raw(t.client_loop, stream, [](StreamId id, Outbox& out) { out.write(id, cookie('a')); });
  t.world.run_for(19s);
  CHECK(t.released.empty());
  t.world.run_for(2s);
  CHECK(t.hex(control) == "090a0102fe000000a000000000");
  CHECK(t.released.size() == 1);
}

TEST_CASE("out of turn words end only the test of who said them") {
  ThroughputEnds t;
  t.serve();
  const char octet = GENERATE('\x04', '\x10', '\x63');
  ThroughputEnds::Raw raw;
  t.raw(
      t.other_loop, raw, [](StreamId id, Outbox& out) { out.write(id, cookie('a')); },
      [&raw, octet](StreamId id, Outbox& out) {
        if (raw.heard.size() == 1) out.write(id, parameters(kTenSeconds));
        if (raw.heard.size() == 2) out.write(id, as_bytes(std::string(1, octet)));
      });
  t.world.run_for(1s);
  CHECK_FALSE(raw.ended.empty());
  t.start(t.order({{"duration", "1s"}}));
  CHECK(t.result().outcome == Outcome::done);
}

TEST_CASE("sixty-four half-open connections are held, eight of one source, and no more") {
  ThroughputEnds t;
  t.serve();
  std::deque<ThroughputEnds::Raw> crowd(9);
  for (auto& one : crowd) t.raw(t.other_loop, one, [](StreamId, Outbox&) {});
  t.world.run_for(1s);
  CHECK(std::ranges::count_if(crowd, [](const auto& one) { return !one.ended.empty(); }) == 1);
  t.start(t.order({{"duration", "1s"}}));
  CHECK(t.result().outcome == Outcome::done);
}
