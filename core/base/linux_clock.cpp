#include "core/base/linux_clock.h"

#include <sys/timex.h>
#include <time.h>

#include <algorithm>

namespace sonde {

using namespace std::chrono_literals;

Duration LinuxClock::kernel_time(int clock_id) {
  timespec t{};
  clock_gettime(clock_id, &t);
  return std::chrono::seconds{t.tv_sec} + Duration{t.tv_nsec};
}

LinuxClock::LinuxClock(UtcTime built, Read read) : built_(built), read_(read), distance_(measure()) {
  anchor_ = {distance_.read, UtcTime{distance_.read.time_since_epoch() + (distance_.low + distance_.high) / 2}, 0};
  checked_ = distance_.read;
}

SteadyTime LinuxClock::steady_now() const { return SteadyTime{read_(CLOCK_MONOTONIC)}; }
UtcTime LinuxClock::utc_now() const { return UtcTime{read_(CLOCK_REALTIME)}; }

LinuxClock::Distance LinuxClock::measure() const {
  // UTC read between two readings of steady time; the tightest of a few tries is the one nothing interrupted.
  Distance best{Duration::min(), Duration::max(), {}};
  for (int i = 0; i < 16; ++i) {
    const Duration before = read_(CLOCK_MONOTONIC);
    const Duration utc = read_(CLOCK_REALTIME);
    const Duration after = read_(CLOCK_MONOTONIC);
    if (i == 0 || after - before < best.high - best.low) best = {utc - after, utc - before, SteadyTime{after}};
  }
  return best;
}

bool LinuxClock::check_step_locked() const {
  const Distance fresh = measure();
  checked_ = fresh.read;
  // Only two stretches that do not touch prove a step; anything less may be the reading itself.
  if (fresh.low <= distance_.high && distance_.low <= fresh.high) return false;
  distance_ = fresh;
  anchor_ = {fresh.read, UtcTime{fresh.read.time_since_epoch() + (fresh.low + fresh.high) / 2}, anchor_.epoch + 1};
  return true;
}

bool LinuxClock::check_step() const {
  const std::lock_guard lock(mutex_);
  return check_step_locked();
}

Anchor LinuxClock::anchor() const {
  const std::lock_guard lock(mutex_);
  if (steady_now() - checked_ > 1s) check_step_locked();
  return anchor_;
}

KernelDiscipline LinuxClock::discipline() const {
  timex t{};
  const int state = adjtimex(&t);
  if (state < 0) return {};
  KernelDiscipline out;
  out.known = true;
  out.synchronised = state != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
  out.offset = t.status & STA_NANO ? Duration{t.offset} : Duration{std::chrono::microseconds{t.offset}};
  out.max_error = std::chrono::microseconds{t.maxerror};
  out.estimated_error = std::chrono::microseconds{t.esterror};
  out.frequency_ppm = static_cast<double>(t.freq) / 65536.0;
  return out;
}

ClockQuality kernel_quality(const KernelDiscipline& discipline) {
  ClockQuality out;
  out.synchronised = discipline.known && discipline.synchronised;
  if (out.synchronised) {
    out.bound = discipline.max_error;
    out.source = "kernel";
  } else {
    out.source = discipline.known ? "nobody: the kernel says that the clock is not synchronised"
                                  : "nobody: the kernel does not tell";
  }
  return out;
}

ClockQuality LinuxClock::quality() const {
  std::optional<ClockQuality> out;
  {
    const std::lock_guard lock(mutex_);
    out = vouched_;
  }
  if (!out) out = kernel_quality(discipline());
  if (utc_now() < built_) {
    out->believed = out->synchronised = false;
    out->bound.reset();
    out->source = "nobody: the clock stands before the day this program was built";
  }
  return *out;
}

void LinuxClock::vouch(ClockQuality quality) {
  const std::lock_guard lock(mutex_);
  vouched_ = std::move(quality);
}

UtcTime LinuxClock::build_date() { return utc_from_seconds(SONDE_BUILD_SECONDS); }

}  // namespace sonde
