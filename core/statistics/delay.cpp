#include "core/statistics/delay.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sonde {
namespace {

constexpr double kNormal975 = 1.959963984540054;
/// From this variance on the normal distribution gives the same ranks to within a part in a thousand of the width.
constexpr double kNormalFrom = 1e4;

/// Terms of a binomial distribution around its mode, as multiples of the greatest; the rest is below 1e-18.
struct Terms {
  std::uint64_t first = 0;
  std::vector<double> weights;
  double sum = 0;
};

Terms binomial_terms(std::uint64_t n, double p) {
  constexpr double kNothing = 1e-18;
  const double odds = p / (1 - p);
  const auto mode = static_cast<std::uint64_t>(static_cast<double>(n + 1) * p);
  Terms terms;
  double weight = 1;
  std::uint64_t k = mode;
  for (; k > 0 && weight > kNothing; --k) {
    terms.weights.push_back(weight);
    weight *= static_cast<double>(k) / (static_cast<double>(n - k + 1) * odds);
  }
  terms.weights.push_back(weight);
  terms.first = k;
  std::ranges::reverse(terms.weights);
  weight = 1;
  for (k = mode; k < n && weight > kNothing; ++k) {
    weight *= static_cast<double>(n - k) * odds / static_cast<double>(k + 1);
    terms.weights.push_back(weight);
  }
  for (const double w : terms.weights) terms.sum += w;
  return terms;
}

RankInterval normal_interval(std::uint64_t n, double p, double tail) {
  const double z = tail == kTail95 ? kNormal975 : 2.241402727604947;  // of tails of 2.5 % and 1.25 %
  const double middle = static_cast<double>(n) * p, half = z * std::sqrt(middle * (1 - p));
  return {static_cast<std::uint64_t>(middle - half), static_cast<std::uint64_t>(middle + half) + 2};
}

}  // namespace

RankInterval rank_interval(std::uint64_t n, int percent, double tail) {
  const double p = percent / 100.0;
  if (static_cast<double>(n) * p * (1 - p) > kNormalFrom) return normal_interval(n, p, tail);
  const Terms terms = binomial_terms(n, p);
  const double allowed = tail * terms.sum;
  RankInterval ranks{terms.first, terms.first + terms.weights.size()};
  double below = 0;
  for (const double weight : terms.weights) {
    below += weight;
    if (below > allowed) break;
    ++ranks.low;
  }
  double above = 0;
  for (auto weight = terms.weights.rbegin(); weight != terms.weights.rend(); ++weight) {
    above += *weight;
    if (above > allowed) break;
    --ranks.high;
  }
  return ranks;
}

std::optional<Estimate> percentile(std::span<const std::int64_t> sorted_ns, int percent, std::uint64_t infinite,
                                   double tail) {
  const std::uint64_t n = sorted_ns.size() + infinite;
  if (!publishable(n, percent)) return std::nullopt;
  const std::uint64_t rank = rank_of(n, percent);
  if (rank > sorted_ns.size()) return std::nullopt;
  const RankInterval ranks = rank_interval(n, percent, tail);
  Estimate estimate{.value_ns = sorted_ns[rank - 1], .low_ns = {}, .high_ns = {}};
  if (ranks.low > 0) estimate.low_ns = sorted_ns[ranks.low - 1];
  if (ranks.high <= sorted_ns.size()) estimate.high_ns = sorted_ns[ranks.high - 1];
  return estimate;
}

std::optional<Mean> mean(std::span<const std::int64_t> values_ns) {
  if (values_ns.empty()) return std::nullopt;
  // Sums of differences from one of the values keep every digit that matters.
  const std::int64_t origin = values_ns.front();
  const auto n = static_cast<double>(values_ns.size());
  double sum = 0, squares = 0;
  for (const std::int64_t value : values_ns) {
    const auto distance = static_cast<double>(value - origin);
    sum += distance;
    squares += distance * distance;
  }
  Mean result{.value_ns = static_cast<double>(origin) + sum / n, .half_width_ns = {}};
  if (values_ns.size() > 1) {
    const double variance = std::max(0.0, (squares - sum * sum / n) / (n - 1));
    result.half_width_ns = kNormal975 * std::sqrt(variance / n);
  }
  return result;
}

}  // namespace sonde
