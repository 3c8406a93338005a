#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/time.h"

namespace sonde {

/// What a series is judged by. Routes have a baseline (enough runs or not) but no rule for worse.
enum class SeriesKind : std::uint8_t { delay, loss, throughput, route };

/// One Result of a series, as far as judging it goes.
struct BaselineSample {
  UtcTime time{};                        ///< end of the Result
  std::optional<double> value;           ///< delay: its median, seconds; throughput: bit/s; loss and route: not used
  std::uint64_t lost = 0, measured = 0;  ///< packets; measured = received and lost. Zero where none are counted
  std::optional<Duration> clock_bound;   ///< one way: sum of both ends' bounds; round trip: zero
  bool answered = true;                  ///< false: the run got no answer at all
  bool clock_valid = true;               ///< false: a one-way delay whose clocks nobody vouches for
  bool heavy = false;                    ///< an own saturating test, or an inbound one, ran meanwhile
};

/// What is normal at one hour of the day.
struct NormalHour {
  std::uint64_t results = 0;             ///< that it stands on
  bool this_hour_only = false;           ///< only this hour of the day ± 1 h, else all hours
  double p10 = 0, p50 = 0, p95 = 0;      ///< of the Results' values, by nearest rank
  std::uint64_t lost = 0, measured = 0;  ///< packets
};

/// What is normal for a series: its trailing 28 days. A plain value of about 1.5 KiB, to be kept and built anew each
/// hour or so: judging then looks at recent Results only.
struct Baseline {
  SeriesKind kind = SeriesKind::delay;
  std::uint64_t results = 0;           ///< usable ones in the 28 days, before the choice by hour
  bool learning = true;                ///< fewer than 200 of them (throughput and routes: 24)
  std::array<NormalHour, 24> hours{};  ///< by hour of the day, UTC
  const NormalHour& at(UtcTime time) const;
};

/// From `past`, in any order. Left out: what is not within 28 days before `now`, Results during saturating tests,
/// without a value (delay, throughput), without packets (loss), or by clocks that nobody vouches for (delay).
/// Give the time of the oldest Result to be judged as `now`, so that none is judged by itself.
Baseline build_baseline(SeriesKind kind, std::span<const BaselineSample> past, UtcTime now);

enum class Verdict : std::uint8_t {
  nothing,   ///< no recent Result that could be judged
  learning,  ///< not enough past yet
  normal,
  worse,          ///< than normal, by the rule of its kind
  lossy,          ///< while learning: loss of 1 % or more
  clock_invalid,  ///< the newest delay means nothing
  no_answer,      ///< the newest run got none
};

/// A verdict with the numbers it stands on, for the sentence and the graph.
struct Judgement {
  Verdict verdict = Verdict::nothing;
  std::optional<double> value;   ///< delay: median of the last 15 min; loss: share in them; throughput: newest run
  std::optional<double> normal;  ///< delay and throughput: the baseline's median; loss: its share
  std::optional<double> limit;   ///< worse beyond it; loss: the upper bound that `value`'s lower bound is held against
};

/// `recent` ascending by time; should reach back the last 15 min and at least three Results (throughput: two).
/// The same function for pages and alarms. Cost: some microseconds.
Judgement judge(const Baseline& baseline, std::span<const BaselineSample> recent);

}  // namespace sonde
