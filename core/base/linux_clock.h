#pragma once

#include <mutex>

#include "core/base/clock.h"

namespace sonde {

/// CLOCK_MONOTONIC and CLOCK_REALTIME of this machine. The kernel slews both alike, so their distance changes only with
/// a step: the anchor is that distance, measured once and again after each step. Safe to use from any thread.
class LinuxClock final : public Clock {
 public:
  /// Reads CLOCK_MONOTONIC or CLOCK_REALTIME; another one than the kernel's is for tests.
  using Read = Duration (*)(int clock_id);
  /// No UTC before `built` is believed; the default is the day this program was built.
  LinuxClock() : LinuxClock(build_date(), kernel_time) {}
  explicit LinuxClock(UtcTime built, Read read = kernel_time);

  SteadyTime steady_now() const override;
  UtcTime utc_now() const override;
  /// Looks for a step itself when nobody has for a second.
  Anchor anchor() const override;
  /// What was vouched last, else what the kernel says of itself.
  ClockQuality quality() const override;
  KernelDiscipline discipline() const override;

  void vouch(ClockQuality quality);
  /// Compares the two clocks anew and moves the anchor if they have proven to have parted. Whoever waits holds a
  /// TFD_TIMER_CANCEL_ON_SET timer and calls this when the kernel cancels it.
  bool check_step() const;
  static UtcTime build_date();
  static Duration kernel_time(int clock_id);

 private:
  /// UTC minus steady time, known to lie within [low, high].
  struct Distance {
    Duration low{}, high{};
    SteadyTime read{};
  };
  Distance measure() const;
  bool check_step_locked() const;

  const UtcTime built_;
  const Read read_;
  mutable std::mutex mutex_;
  mutable Distance distance_;            // guarded by mutex_
  mutable Anchor anchor_;                // guarded by mutex_
  mutable SteadyTime checked_{};         // guarded by mutex_
  std::optional<ClockQuality> vouched_;  // guarded by mutex_
};

/// The kernel's view as a quality: its maximum error bounds UTC only while it is synchronised.
ClockQuality kernel_quality(const KernelDiscipline& discipline);

}  // namespace sonde
