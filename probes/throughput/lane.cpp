#include "probes/throughput/lane.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

namespace sonde::throughput {
namespace {

Duration to_duration(const timeval& time) {
  return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

}  // namespace

std::int64_t Orders::claim(std::int64_t wanted) {
  const std::int64_t before = to_come.fetch_sub(wanted);
  if (before >= wanted) return wanted;
  // What was taken too much goes back, so that the sum stays what was ordered.
  const std::int64_t got = std::max<std::int64_t>(before, 0);
  to_come.fetch_add(wanted - got);
  return got;
}

void Lane::start() {
  thread_ = std::jthread([this] {
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    // Heavy work yields to what paces packets: a loop that was given real-time priority must not give it to us.
    sched_param ordinary{};
    ::pthread_setschedparam(::pthread_self(), SCHED_OTHER, &ordinary);
    // What leaves at planned instants comes before other ordinary work; where that is not allowed, it does without.
    if (plan_.rate_bps != 0) ::setpriority(PRIO_PROCESS, 0, -10);
    // A peer that is gone must not end the process.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    run();
    rusage use{};
    ::getrusage(RUSAGE_THREAD, &use);
    counters.user = to_duration(use.ru_utime).count();
    counters.system = to_duration(use.ru_stime).count();
    counters.ended = true;
  });
}

void Lane::break_off(const std::string& trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = trouble;
}

void Lane::count(std::uint64_t octets, std::uint64_t packets, Duration ago) {
  const auto now = (clock_.steady_now() - ago).time_since_epoch().count();
  if (counters.first.load(std::memory_order_relaxed) == 0) counters.first.store(now, std::memory_order_relaxed);
  counters.last.store(now, std::memory_order_relaxed);
  counters.octets.fetch_add(octets, std::memory_order_relaxed);
  counters.packets.fetch_add(packets, std::memory_order_relaxed);
}

Moved Lane::read() const {
  Moved moved;
  moved.ended = counters.ended;  // first: what was counted before the end is then read too
  moved.octets = counters.octets;
  moved.packets = counters.packets;
  moved.first = SteadyTime{Duration{counters.first}};
  moved.last = SteadyTime{Duration{counters.last}};
  moved.lost = counters.lost;
  moved.out_of_order = counters.out_of_order;
  moved.duplicates = counters.duplicates;
  moved.dropped_here = counters.dropped_here;
  moved.jitter_seconds = counters.jitter_seconds;
  moved.tcp = tcp();
  const std::lock_guard lock(mutex_);
  moved.trouble = trouble_;
  return moved;
}

Duration Pacer::steady() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds{now.tv_sec} + Duration{now.tv_nsec};
}

void Pacer::sleep_until(Duration when) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
  const timespec until{seconds.count(), (when - seconds).count()};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

}  // namespace sonde::throughput
