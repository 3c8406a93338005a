#include "core/run/task_loop.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "core/base/linux_clock.h"
#include "test/support/simulated_world.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {
struct Tasks {
  SimulatedWorld world;
  SimulatedHost& host = world.host("h", {});
  TaskLoop loop{host.clock()};
  std::string done;
  Tasks() { host.add(loop); }
  ~Tasks() { host.remove(&loop); }
  auto note(char c) {
    return [this, c] { done += c; };
  }
  SteadyTime in(Duration d) { return host.clock().steady_now() + d; }
};
}  // namespace

TEST_CASE("timers run in the order of time, equal ones in the order they were set") {
  Tasks t;
  t.loop.at(t.in(3s), t.note('d'));
  t.loop.at(t.in(1s), t.note('a'));
  t.loop.at(t.in(2s), t.note('b'));
  t.loop.at(t.in(2s), t.note('c'));
  CHECK(t.loop.next_due() == t.in(1s));
  t.world.run_for(2s);
  CHECK(t.done == "abc");
  t.world.run_for(2s);
  CHECK(t.done == "abcd");
  CHECK(t.loop.next_due() == kNever);
}

TEST_CASE("a cancelled timer does not run, whoever cancels it and however late") {
  Tasks t;
  const auto first = t.loop.at(t.in(1s), t.note('x'));
  const auto second = t.loop.at(t.in(2s), t.note('y'));
  t.loop.at(t.in(1500ms), [&] { t.loop.cancel(second); });
  t.loop.cancel(first);
  t.world.run_for(3s);
  t.loop.cancel(first);
  CHECK(t.done.empty());
}

TEST_CASE("a timer may cancel another that is due at the same turn, or set itself anew for now") {
  Tasks t;
  TaskLoop::TimerId second = 0;
  t.loop.at(t.in(1s), [&] {
    t.loop.cancel(second);
    t.loop.at(t.host.clock().steady_now(), t.note('n'));
    t.done += '1';
  });
  second = t.loop.at(t.in(1s), t.note('2'));
  t.loop.at(t.in(1s), t.note('3'));
  t.world.run_for(1s);
  CHECK(t.done == "13n");
}

TEST_CASE("posted tasks come before timers, and the queue is bounded") {
  Tasks t;
  t.loop.at(t.in(0s), t.note('t'));
  CHECK(t.loop.post(t.note('p')));
  CHECK(t.loop.next_due() <= t.in(0s));
  t.world.run_for(1ns);
  CHECK(t.done == "pt");
  for (int i = 0; i < 65'536; ++i) REQUIRE(t.loop.post([] {}));
  CHECK_FALSE(t.loop.post([] {}));
}

TEST_CASE("a clock step is told once, with its size") {
  Tasks t;
  std::vector<Duration> steps;
  t.loop.on_clock_step([&](Duration step) { steps.push_back(step); });
  t.world.run_for(1s);
  t.host.clock().step(5s);
  t.world.run_for(1s);
  CHECK(steps == std::vector<Duration>{5s});
}

TEST_CASE("a real task loop runs what other threads post and stops when asked") {
  const LinuxClock clock;
  TaskLoop loop(clock);
  std::atomic<int> ran{0};
  std::atomic<bool> timer_ran{false};
  loop.at(clock.steady_now() + 1ms, [&] { timer_ran = true; });
  std::jthread runner([&](std::stop_token stop) { loop.run(stop); });
  std::vector<std::jthread> posters;
  for (int i = 0; i < 4; ++i) {
    posters.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        while (!loop.post([&] { ++ran; })) std::this_thread::yield();
      }
    });
  }
  posters.clear();
  while (ran < 4000 || !timer_ran) std::this_thread::yield();
  runner.request_stop();
  runner.join();
  CHECK(ran == 4000);
}
