#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "core/base/linux_clock.h"
#include "core/net/linux_network.h"
#include "core/run/packet_loop.h"
#include "test/support/scripted_session.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

// Two real loops on two threads over the loopback interface: what the simulated world cannot show.
namespace {

struct RealLoop {
  LinuxClock clock;
  LinuxNetwork network{clock};
  PacketLoop loop{clock, network, {}};
  std::jthread thread;
  void run() {
    thread = std::jthread([this](std::stop_token stop) { loop.run(stop); });
  }
  ~RealLoop() {
    thread.request_stop();
    if (thread.joinable()) thread.join();
  }
};

void wait_for(const std::function<bool()>& done) {
  while (!done()) std::this_thread::sleep_for(1ms);
}

/// Sends `count` packets `gap` apart to `to`.
std::unique_ptr<ScriptedSession> sender(Endpoint to, int count, Duration gap, std::atomic<int>& early) {
  auto session = std::make_unique<ScriptedSession>();
  auto* s = session.get();
  s->is_paced = true;
  s->start = [s](Now now, Outbox& out) {
    s->deadline = now.steady;
    out.open_udp({.local = {IpAddress::loopback(Family::v4), 0}, .transmit_stamps = true});
  };
  s->deadline_passed = [s, to, gap, left = count, due = SteadyTime{}, &early](Now now, Outbox& out) mutable {
    if (now.steady < due) ++early;
    out.send(1, to, as_bytes("packet"));
    if (--left == 0) return out.finish();
    due = now.steady + gap;
    s->deadline = due;
  };
  return session;
}

}  // namespace

TEST_CASE("packets paced by one loop are received by another, and no deadline is served early") {
  const Duration spin = GENERATE(as<Duration>{}, 0us, 100us);
  std::atomic<int> received{0}, kernel_stamps{0}, early{0};
  std::atomic<std::uint16_t> port{0};
  RealLoop to, from;
  auto sink = std::make_unique<ScriptedSession>();
  sink->start = [&](Now, Outbox& out) {
    port = out.open_udp({.local = {IpAddress::loopback(Family::v4), 0}}).local.port;
  };
  sink->datagram = [&](SocketId, const Datagram& d, Now now, Outbox&) {
    if (d.stamp == StampSource::kernel) ++kernel_stamps;
    CHECK(d.arrival <= now.utc);
    ++received;
  };
  to.loop.start(std::move(sink));
  to.run();
  from.loop.set_options({.spin = spin, .warm_up = true});
  from.loop.start(sender({IpAddress::loopback(Family::v4), port}, 100, 3ms, early));
  from.run();
  wait_for([&] { return received == 100; });
  CHECK(early == 0);
  CHECK(kernel_stamps >= 90);
  wait_for([&] { return from.loop.health().sessions == 0; });
  CHECK(from.loop.health().deadlines == 100);
}

TEST_CASE("tasks posted by many threads all run on the loop's thread") {
  RealLoop t;
  int ran = 0;  // unguarded: only the loop's thread may touch it
  std::atomic<int> refused{0};
  t.run();
  {
    std::vector<std::jthread> posters;
    for (int i = 0; i < 4; ++i) {
      posters.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) {
          while (!t.loop.post([&] { ++ran; })) ++refused, std::this_thread::yield();
          (void)t.loop.health();
        }
      });
    }
  }
  std::atomic<bool> done{false};
  REQUIRE(t.loop.post([&] { done = true; }));
  wait_for([&] { return done.load(); });
  CHECK(ran == 4000);
}

TEST_CASE("a stopped loop tells its sessions, lets them finish and returns") {
  std::string told;
  {
    RealLoop t;
    auto polite = std::make_unique<ScriptedSession>();
    auto* p = polite.get();
    polite->stop = [&, p](Now now, Outbox&) {
      told += "asked;";
      p->deadline = now.steady + 5ms;
    };
    polite->deadline_passed = [&](Now, Outbox& out) {
      told += "finished;";
      out.finish();
    };
    polite->destroyed = [&] { told += "gone;"; };
    t.loop.start(std::move(polite));
    t.run();
  }
  CHECK(told == "asked;finished;gone;");
}

TEST_CASE("a connection between two loops echoes and is closed by the stop of one of them") {
  std::atomic<std::uint16_t> port{0};
  std::atomic<bool> closed{false};
  std::atomic<std::size_t> got{0};
  RealLoop client;
  {
    RealLoop server;
    auto echo = std::make_unique<ScriptedSession>();
    echo->start = [&](Now, Outbox& out) { port = out.listen({IpAddress::loopback(Family::v6), 0}).local.port; };
    echo->bytes = [](StreamId id, std::span<const std::byte> data, Now, Outbox& out) { out.write(id, data); };
    server.loop.start(std::move(echo));
    server.run();
    auto caller = std::make_unique<ScriptedSession>();
    caller->start = [&](Now, Outbox& out) { out.connect({IpAddress::loopback(Family::v6), port}, {}); };
    caller->connected = [](StreamId id, Now, Outbox& out) { out.write(id, Bytes(2'000'000, std::byte{1})); };
    caller->bytes = [&](StreamId, std::span<const std::byte> data, Now, Outbox&) { got += data.size(); };
    caller->closed = [&](StreamId, const std::string& why, Now, Outbox&) {
      CHECK((why == "closed by the peer" || why == "connection reset by peer"));
      closed = true;
    };
    client.loop.start(std::move(caller));
    client.run();
    wait_for([&] { return got == 2'000'000; });
  }
  wait_for([&] { return closed.load(); });
}
