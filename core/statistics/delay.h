#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sonde {

/// A value with its interval, nanoseconds. An empty end is unbounded.
struct Estimate {
  std::int64_t value_ns = 0;
  std::optional<std::int64_t> low_ns, high_ns;
  friend bool operator==(const Estimate&, const Estimate&) = default;
};

/// Whether the percentile says anything: at least one of n values is expected beyond it, n(1 − p) >= 1.
constexpr bool publishable(std::uint64_t n, int percent) {
  return n >= 1 && n * static_cast<std::uint64_t>(100 - percent) >= 100;
}

/// RFC 2330 §11.3: the least rank (from 1) whose share of n values reaches p. n >= 1, percent 1 to 99.
constexpr std::uint64_t rank_of(std::uint64_t n, int percent) {
  return (n * static_cast<std::uint64_t>(percent) + 99) / 100;
}

/// Half the probability that may lie outside an interval.
inline constexpr double kTail95 = 0.025;

/// Ranks of the two values between which the true percentile lies, with at most `tail` of probability on each side;
/// exact from the binomial distribution, without a word about the distribution of the values.
struct RankInterval {
  std::uint64_t low = 0;   ///< from 1; 0 = even the least value is not surely below
  std::uint64_t high = 0;  ///< n + 1 = even the greatest is not surely above
  friend bool operator==(const RankInterval&, const RankInterval&) = default;
};
RankInterval rank_interval(std::uint64_t n, int percent, double tail = kTail95);

/// Percentile of ascending values, of which `infinite` more lie beyond every one of them (lost packets, RFC 7679).
/// Empty where it may not be published or is infinite.
std::optional<Estimate> percentile(std::span<const std::int64_t> sorted_ns, int percent, std::uint64_t infinite = 0,
                                   double tail = kTail95);

/// Arithmetic mean, its 95 % interval from two values on. Empty without values.
struct Mean {
  double value_ns = 0;
  std::optional<double> half_width_ns;
};
std::optional<Mean> mean(std::span<const std::int64_t> values_ns);

}  // namespace sonde
