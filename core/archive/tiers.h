#pragma once

#include <span>
#include <vector>

#include "core/measurement/result.h"

namespace sonde {

/// One width at which a series or a histogram is kept, and for how long.
struct Tier {
  Duration step{};
  Duration kept{};
  friend bool operator==(const Tier&, const Tier&) = default;
};

/// 5 min for 90 days, 1 h for 2 years, 1 day for 10 years: the same for series and histograms, so that all strips of a
/// page have the same width at the same age.
std::span<const Tier> coarse_tiers();
/// The test's own step: 35 days (so that a baseline of 28 days is there), at most 50,400 steps.
Tier own_tier(Duration step);
/// The coarse ones that are whole multiples of `step` and wider.
std::vector<Tier> coarse_tiers_of(Duration step);
/// Histograms: the own step as far as 1 min would be kept (14 days; finer ones 48 h), 1 min, then the coarse ones.
/// An own step of zero stands for event results.
std::vector<Tier> histogram_tiers(Duration own_step);

/// How many rows a tier holds at most, and how many octets one of them may take on average before the oldest go early:
/// ten times the packets do not need ten times the bins.
std::int64_t histogram_rows(const Tier& tier);
std::int64_t histogram_octets(Duration width);

/// Round widths for points: the least one that is no finer than `wished` and has at most 4,000 points in `length`.
Duration round_step(Duration own_step, Duration wished, Duration length);
/// The widest of `tiers` that divides `step` and reaches back to `begin`; if none does, the finest that reaches back.
/// `tiers` ascending, not empty.
const Tier& source_tier(std::span<const Tier> tiers, Duration step, UtcTime begin, UtcTime now);

inline constexpr std::size_t kMostPoints = 4000;

/// What may be done with the values of several steps. Follows from a metric's kind and the last word of its key.
enum class Combining : std::uint8_t {
  sum,          ///< counts
  mean,         ///< plain gauges and rates: every step has the same length
  by_measured,  ///< loss: weighed by packets received or lost, so that it is sum by sum
  by_received,  ///< delay.mean, duplication, reordering: weighed by packets received
  least,
  greatest,      ///< delay.min, delay.max, hops.*
  distribution,  ///< percentiles of delay and PDV: never from values, only from merged histograms
  envelope,      ///< other percentiles: only least and greatest are told
};
Combining combining_of(const Metric& metric);

}  // namespace sonde
