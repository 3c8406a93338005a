#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "core/archive/durable_archive.h"

namespace sonde::test {

/// A clock that stands where it is put. Safe to use from any thread.
class SetClock final : public Clock {
 public:
  explicit SetClock(UtcTime utc) : utc_(utc) { quality_.synchronised = true; }
  SteadyTime steady_now() const override {
    const std::scoped_lock lock(mutex_);
    return SteadyTime{(utc_ - leapt_).time_since_epoch()};
  }
  UtcTime utc_now() const override {
    const std::scoped_lock lock(mutex_);
    return utc_;
  }
  Anchor anchor() const override { return {steady_now(), utc_now(), 0}; }
  ClockQuality quality() const override {
    const std::scoped_lock lock(mutex_);
    return quality_;
  }
  void set(UtcTime utc) {
    const std::scoped_lock lock(mutex_);
    utc_ = utc;
  }
  /// Steady time knows nothing of it.
  void leap(Duration step) {
    const std::scoped_lock lock(mutex_);
    utc_ += step;
    leapt_ += step;
  }
  void believe(bool believed) {
    const std::scoped_lock lock(mutex_);
    quality_.believed = quality_.synchronised = believed;
  }
  /// Nobody vouches for the clock, yet it is believed.
  void careless() {
    const std::scoped_lock lock(mutex_);
    quality_.believed = true;
    quality_.synchronised = false;
  }

 private:
  mutable std::mutex mutex_;
  UtcTime utc_;
  Duration leapt_{};
  ClockQuality quality_;
};

/// A folder in memory, where there is one, that is gone with its owner: what a lost disk cache does is FaultyDisk's to
/// show.
class MemoryFolder {
 public:
  MemoryFolder();
  ~MemoryFolder();
  MemoryFolder(const MemoryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// 2026-03-01T00:00:00Z, a Sunday far from every edge.
inline const UtcTime kStart = utc_from_seconds(1772323200);

/// One closed minute of a continuous OWAMP test, `minute` after kStart: both directions, 600 packets each, the usual
/// statistics, delays that follow from `minute`. No packets, no log.
Result owamp_minute(int minute, const std::string& test = "path1");
/// One round-trip run at its own time, with packets and log lines.
Result ping_run(UtcTime begin, const std::string& test = "ping1");
/// An id as the node makes them: 26 characters, ascending with `n`.
std::string id_of(std::uint64_t n);

/// All fields, for a failed CHECK and for comparing: equal texts = equal Results.
std::string describe(const Result& result);

}  // namespace sonde::test
