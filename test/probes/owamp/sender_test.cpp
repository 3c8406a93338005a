#include "probes/owamp/sender.h"

#include <catch2/catch.hpp>

#include "test/probes/owamp/plans.h"
#include "test/support/scripted_session.h"
#include "test/support/simulated_world.h"

using namespace sonde;
using namespace sonde::owamp;
using namespace sonde::test;

namespace {

/// Runs `script` where an Outbox is at hand, with a socket for it; what left is in the world's truth.
struct Bench {
  SimulatedWorld world;
  SimulatedHost& host = world.host("a", {"10.0.0.1"});
  std::unique_ptr<Random> random = seeded_random(3);

  void run(const std::function<void(Outbox&, SocketId)>& script) {
    auto session = std::make_unique<ScriptedSession>();
    session->start = [&script](Now, Outbox& out) {
      script(out, out.open_udp({}).id);
      out.finish();
    };
    host.make_loop().start(std::move(session));
  }
  std::vector<TestPacket> sent() const {
    std::vector<TestPacket> packets;
    for (const Truth& truth : world.truth()) packets.push_back(decode_test_packet(truth.head).value());
    return packets;
  }
};

const Endpoint kTo{*IpAddress::parse("10.0.0.2"), 8761};
Now at(UtcTime utc) { return {SteadyTime{}, utc}; }

}  // namespace

TEST_CASE("packets bear their number, the time they leave and the error of our clock") {
  Bench b;
  const Plan plan = even_plan(2);
  Sender sender(plan, 2, *b.random);
  b.run([&](Outbox& out, SocketId socket) {
    CHECK(sender.next_due() == plan.due[0]);
    sender.send_next(at(plan.due[0] + 3us), {0x8111}, out, socket, kTo);
    CHECK(sender.next_due() == plan.due[1]);
    sender.send_next(at(plan.due[1] + 5us), {0x8222}, out, socket, kTo);
    CHECK(sender.done());
  });
  CHECK(b.sent() == std::vector<TestPacket>{{0, amp::to_ntp(plan.due[0] + 3us), {0x8111}},
                                            {1, amp::to_ntp(plan.due[1] + 5us), {0x8222}}});
  CHECK(sender.sent(0) == plan.due[0] + 3us);
  CHECK_FALSE(sender.sent(2));
  CHECK(sender.stopped() == StoppedSession{plan.request.sid, 2, {}});
}

TEST_CASE("a packet late by its timeout still leaves at once, one later than that is skipped") {
  Bench b;
  const Plan plan = even_plan(5);
  Sender sender(plan, 5, *b.random);
  b.run([&](Outbox& out, SocketId socket) {
    const UtcTime late = plan.due[2] + 1s;  // numbers 0 and 1 are later than their second
    for (int i = 0; i < 5; ++i) sender.send_next(at(late), {0x8111}, out, socket, kTo);
  });
  REQUIRE(b.sent().size() == 3);
  CHECK(b.sent()[0].sequence == 2);
  CHECK(b.sent()[0].sent == amp::to_ntp(plan.due[2] + 1s));
  CHECK(sender.skips() == std::vector<SkipRange>{{0, 1}});
  CHECK_FALSE(sender.sent(1));
  CHECK(sender.sent(2) == plan.due[2] + 1s);
}

TEST_CASE("a packet that this host does not let go is skipped and told") {
  Bench b;
  const Plan plan = even_plan(4);
  Sender sender(plan, 4, *b.random);
  b.run([&](Outbox& out, SocketId socket) {
    const Endpoint no_way{*IpAddress::parse("fd00::1"), 8761};
    for (const Endpoint& to : {kTo, no_way, kTo, no_way})
      sender.send_next(at(sender.next_due()), {0x8111}, out, socket, to);
  });
  CHECK(b.sent().size() == 2);
  CHECK(sender.refused_here() == 2);
  CHECK(sender.stopped() == StoppedSession{plan.request.sid, 4, {{1, 1}, {3, 3}}});
}

TEST_CASE("a sender ends where it is told to, before or on the way") {
  Bench b;
  const Plan plan = even_plan(5);
  Sender sender(plan, 3, *b.random);
  b.run([&](Outbox& out, SocketId socket) {
    sender.send_next(at(plan.due[0]), {0x8111}, out, socket, kTo);
    sender.stop();
  });
  CHECK(sender.done());
  CHECK(sender.stopped().next_sequence == 1);
}

TEST_CASE("padding is as long as agreed and new in each packet") {
  Bench b;
  const Plan plan = even_plan(2, 100ms, 1s, 30);
  Sender sender(plan, 2, *b.random);
  b.run([&](Outbox& out, SocketId socket) {
    for (int i = 0; i < 2; ++i) sender.send_next(at(sender.next_due()), {0x8111}, out, socket, kTo);
  });
  const auto& truth = b.world.truth();
  REQUIRE(truth[0].head.size() == 44);
  CHECK(to_hex(std::span(truth[0].head).subspan(14)) != to_hex(std::span(truth[1].head).subspan(14)));
}
