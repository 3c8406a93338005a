#pragma once

#include <optional>
#include <string>

#include "core/base/time.h"

namespace sonde {

/// One reading of both times. A turn of a loop has one Now.
struct Now {
  SteadyTime steady{};
  UtcTime utc{};
};

/// The line that joins steady time and UTC. Constant between clock steps; `epoch` counts the steps.
struct Anchor {
  SteadyTime steady{};
  UtcTime utc{};
  std::uint64_t epoch = 0;
  UtcTime to_utc(SteadyTime t) const { return utc + (t - steady); }
  SteadyTime to_steady(UtcTime t) const { return steady + (t - utc); }
};

/// How far utc_now() may be from UTC, and who says so.
struct ClockQuality {
  std::optional<Duration> bound;  ///< |error| <= bound; empty = unknown, never a made-up large number
  bool synchronised = false;
  bool believed = true;  ///< false: before the build date, or unsynchronised by seconds; results are in doubt
  std::string source;    ///< "chrony, stratum 2", "kernel", ...; or why nobody vouches
  friend bool operator==(const ClockQuality&, const ClockQuality&) = default;
};

/// What the kernel's clock discipline says of itself (adjtimex).
struct KernelDiscipline {
  bool known = false;         ///< false: this clock has no kernel behind it
  bool synchronised = false;  ///< STA_UNSYNC is not set
  Duration offset{};          ///< still to be slewed away
  Duration max_error{}, estimated_error{};
  double frequency_ppm = 0;
};

/// Steady time paces; UTC time goes into packets and records. Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady_now() const = 0;
  virtual UtcTime utc_now() const = 0;
  /// The one place that joins the two; changes only with a clock step.
  virtual Anchor anchor() const = 0;
  virtual ClockQuality quality() const = 0;
  virtual KernelDiscipline discipline() const { return {}; }
  Now now() const { return {steady_now(), utc_now()}; }
};

}  // namespace sonde
