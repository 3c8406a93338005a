#include "core/archive/tiers.h"

#include <algorithm>
#include <array>

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDay = 24h;
constexpr std::array kCoarse{Tier{5min, 90 * kDay}, Tier{1h, 731 * kDay}, Tier{kDay, 3653 * kDay}};
constexpr Duration kOwnKept = 35 * kDay, kMinuteKept = 14 * kDay, kFineKept = 48h;
constexpr std::int64_t kMostOwnSteps = 50'400;

constexpr std::array<Duration, 24> kRound{1s,   2s,    5s,    10s,      15s,      30s,       1min,      2min,
                                          5min, 10min, 15min, 30min,    1h,       2h,        3h,        4h,
                                          6h,   12h,   kDay,  2 * kDay, 7 * kDay, 14 * kDay, 28 * kDay, 364 * kDay};

/// "p50", "p95_lost_infinite".
bool is_percentile(std::string_view word) {
  return word.size() > 1 && word[0] == 'p' && word[1] >= '0' && word[1] <= '9';
}
bool is_or_ends(std::string_view word, std::string_view end) {
  return word.ends_with(end) && (word.size() == end.size() || word[word.size() - end.size() - 1] == '_');
}

Combining combining_of_gauge(const Metric& metric) {
  const auto dot = metric.key.find('.');
  const std::string_view family = metric.key.substr(0, dot), word = metric.key.substr(metric.key.rfind('.') + 1);
  if (is_percentile(word) || word == "spread")
    return family == "delay" || family == "pdv" ? Combining::distribution : Combining::envelope;
  if (is_or_ends(word, "min")) return Combining::least;
  if (is_or_ends(word, "max") || word == "extent") return Combining::greatest;
  if (metric.key == metric::delay_mean.key) return Combining::by_received;
  // Other means are over numbers of pairs or losses that the step does not tell.
  return is_or_ends(word, "mean") ? Combining::envelope : Combining::mean;
}

}  // namespace

std::span<const Tier> coarse_tiers() { return kCoarse; }

Tier own_tier(Duration step) { return {step, std::min(kOwnKept, step * kMostOwnSteps)}; }

std::vector<Tier> coarse_tiers_of(Duration step) {
  std::vector<Tier> tiers;
  for (const Tier& tier : kCoarse)
    if (tier.step > step && tier.step % step == Duration::zero()) tiers.push_back(tier);
  return tiers;
}

std::vector<Tier> histogram_tiers(Duration own_step) {
  std::vector<Tier> tiers;
  if (own_step < 1min && own_step > 0s) {
    tiers.push_back({own_step, kFineKept});
    tiers.push_back({1min, kMinuteKept});
  } else {
    // What is wider than a coarse tier takes its place.
    Duration kept = kMinuteKept;
    for (const Tier& tier : kCoarse)
      if (tier.step <= own_step) kept = tier.kept;
    tiers.push_back({own_step, kept});
  }
  for (const Tier& tier : kCoarse)
    if (tier.step > own_step) tiers.push_back(tier);
  return tiers;
}

std::int64_t histogram_rows(const Tier& tier) {
  // Event results: no more often than once a minute.
  return tier.kept / std::max(tier.step, tier.step > 0s ? Duration{1s} : Duration{1min});
}

std::int64_t histogram_octets(Duration width) {
  if (width < 5min) return 900;
  if (width < 1h) return 1500;
  return width < kDay ? 2500 : 4000;
}

Duration round_step(Duration own_step, Duration wished, Duration length) {
  const Duration least = std::max({own_step, wished, Duration{1s}, length / static_cast<int>(kMostPoints)});
  if (least == own_step) return own_step;
  for (const Duration step : kRound)
    if (step >= least && (own_step == 0s || step % own_step == 0s)) return step;
  return (least / kRound.back() + 1) * kRound.back();
}

const Tier& source_tier(std::span<const Tier> tiers, Duration step, UtcTime begin, UtcTime now) {
  const Tier* best = nullptr;
  for (const Tier& tier : tiers) {
    if (begin < now - tier.kept) continue;
    if (best == nullptr || (tier.step <= step && (tier.step == 0s || step % tier.step == 0s))) best = &tier;
  }
  return best != nullptr ? *best : tiers.back();
}

Combining combining_of(const Metric& metric) {
  switch (metric.kind) {
    case MetricKind::count:
      return Combining::sum;
    case MetricKind::counter:
      return Combining::mean;
    case MetricKind::ratio:
      if (metric.key == metric::loss_ratio.key) return Combining::by_measured;
      return metric.key == metric::duplicate_ratio.key || metric.key == metric::reordered_ratio.key
                 ? Combining::by_received
                 : Combining::mean;
    case MetricKind::gauge:
      return combining_of_gauge(metric);
  }
  return Combining::envelope;
}

}  // namespace sonde
