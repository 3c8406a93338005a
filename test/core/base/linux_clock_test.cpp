#include "core/base/linux_clock.h"

#include <time.h>

#include <catch2/catch.hpp>

using namespace sonde;
using namespace std::chrono_literals;

namespace {

// A kernel whose clocks the test moves; each reading takes 40 ns.
Duration steady_reading, utc_ahead;
Duration fake_kernel(int clock_id) {
  steady_reading += 40ns;
  return clock_id == CLOCK_REALTIME ? steady_reading + utc_ahead : steady_reading;
}

}  // namespace

TEST_CASE("the anchor stays the same however often the clocks are compared") {
  const LinuxClock clock;
  const Anchor first = clock.anchor();
  for (int i = 0; i < 10'000; ++i) CHECK_FALSE(clock.check_step());
  CHECK(clock.anchor().epoch == first.epoch);
  CHECK(clock.anchor().utc == first.utc);
}

TEST_CASE("the anchor joins steady time to UTC") {
  const LinuxClock clock;
  const UtcTime before = clock.utc_now();
  const UtcTime joined = clock.anchor().to_utc(clock.steady_now());
  const UtcTime after = clock.utc_now();
  CHECK(joined >= before - 1us);
  CHECK(joined <= after + 1us);
}

TEST_CASE("a step of one microsecond either way moves the anchor once") {
  const auto step = GENERATE(as<Duration>{}, 1us, -1us, 1h, -24h);
  steady_reading = 1000s;
  utc_ahead = 1'795'241'620s;
  const LinuxClock clock(UtcTime{}, fake_kernel);
  const Anchor before = clock.anchor();
  CHECK_FALSE(clock.check_step());
  utc_ahead += step;
  CHECK(clock.check_step());
  CHECK_FALSE(clock.check_step());
  const Anchor after = clock.anchor();
  CHECK(after.epoch == before.epoch + 1);
  CHECK(after.to_utc(SteadyTime{2000s}) - before.to_utc(SteadyTime{2000s}) == step);
}

TEST_CASE("a step that nobody waited for is found when the anchor is asked a second later") {
  steady_reading = 1000s;
  utc_ahead = 1'795'241'620s;
  const LinuxClock clock(UtcTime{}, fake_kernel);
  utc_ahead += 5s;
  CHECK(clock.anchor().epoch == 0);
  steady_reading += 1001ms;
  CHECK(clock.anchor().epoch == 1);
}

TEST_CASE("a kernel that is not synchronised gives no bound") {
  KernelDiscipline kernel{.known = true, .synchronised = false, .max_error = 16s};
  CHECK_FALSE(kernel_quality(kernel).bound);
  CHECK_FALSE(kernel_quality(kernel).synchronised);
  kernel.synchronised = true;
  kernel.max_error = 3ms;
  CHECK(kernel_quality(kernel).bound == Duration{3ms});
  CHECK_FALSE(kernel_quality({}).bound);
}

TEST_CASE("what was vouched last is what the clock says of itself") {
  LinuxClock clock;
  const ClockQuality chrony{.bound = 250us, .synchronised = true, .believed = true, .source = "chrony, stratum 2"};
  clock.vouch(chrony);
  CHECK(clock.quality() == chrony);
}

TEST_CASE("no clock is believed before the day of the build, whoever vouches") {
  LinuxClock clock(UtcTime{std::chrono::hours{24 * 365 * 200}});
  clock.vouch({.bound = 250us, .synchronised = true, .believed = true, .source = "chrony, stratum 2"});
  CHECK_FALSE(clock.quality().believed);
  CHECK_FALSE(clock.quality().bound);
  CHECK(LinuxClock::build_date() > utc_from_seconds(1'700'000'000));
  CHECK(LinuxClock::build_date() <= LinuxClock().utc_now());
}
