#include "core/statistics/baseline.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "core/statistics/delay.h"
#include "core/statistics/loss.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPast = 28 * 24h, kBeforeHours = 7 * 24h, kWindow = 15min;
constexpr std::uint64_t kEnough = 200, kEnoughRuns = 24, kEnoughOfHour = 20;
constexpr double kLossWhileLearning = 0.01;

unsigned hour_of(UtcTime time) {
  return static_cast<unsigned>((time.time_since_epoch() - align_down(time, 24h).time_since_epoch()) / 1h);
}

bool usable(SeriesKind kind, const BaselineSample& sample) {
  if (sample.heavy) return false;
  switch (kind) {
    case SeriesKind::delay:
      return sample.value && sample.clock_valid;
    case SeriesKind::loss:
      return sample.measured > 0;
    case SeriesKind::throughput:
      return sample.value.has_value();
    case SeriesKind::route:
      return sample.answered;
  }
  return false;
}

/// The usable past of one hour of the day.
struct Hour {
  std::vector<double> values;
  std::uint64_t results = 0, lost = 0, measured = 0;

  void add(const BaselineSample& sample) {
    ++results;
    lost += sample.lost;
    measured += sample.measured;
    if (sample.value) values.push_back(*sample.value);
  }
  void add(const Hour& other) {
    results += other.results;
    lost += other.lost;
    measured += other.measured;
    values.insert(values.end(), other.values.begin(), other.values.end());
  }
};

/// By nearest rank; reorders `values`, which must not be empty.
double take_percentile(std::vector<double>& values, int percent) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank_of(values.size(), percent) - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

NormalHour normal_of(Hour past, bool this_hour_only) {
  NormalHour normal{
      .results = past.results, .this_hour_only = this_hour_only, .lost = past.lost, .measured = past.measured};
  if (past.values.empty()) return normal;
  normal.p10 = take_percentile(past.values, 10);
  normal.p50 = take_percentile(past.values, 50);
  normal.p95 = take_percentile(past.values, 95);
  return normal;
}

using Usable = std::vector<const BaselineSample*>;

/// Those in the 15 min that end with number i.
std::span<const BaselineSample* const> window_of(const Usable& recent, std::size_t i) {
  std::size_t first = i;
  while (first > 0 && recent[first - 1]->time > recent[i]->time - kWindow) --first;
  return std::span(recent).subspan(first, i - first + 1);
}

void judge_delay(const Baseline& baseline, const Usable& recent, Judgement& judgement) {
  constexpr std::size_t kConsecutive = 3;
  constexpr double kShare = 0.05, kLeast = 0.2e-3;
  bool worse = recent.size() >= kConsecutive;
  for (std::size_t i = recent.size() - std::min(recent.size(), kConsecutive); i < recent.size(); ++i) {
    std::vector<double> values;
    for (const BaselineSample* sample : window_of(recent, i)) values.push_back(*sample->value);
    const NormalHour& normal = baseline.at(recent[i]->time);
    const double bound = to_seconds(recent[i]->clock_bound.value_or(Duration::zero()));
    judgement.value = take_percentile(values, 50);
    judgement.normal = normal.p50;
    judgement.limit = normal.p95 + std::max({bound, kShare * std::abs(normal.p95), kLeast});
    worse = worse && *judgement.value > *judgement.limit;
  }
  if (worse) judgement.verdict = Verdict::worse;
}

struct Packets {
  double lost = 0, measured = 0;
};
Packets packets_of(std::span<const BaselineSample* const> window) {
  Packets packets;
  for (const BaselineSample* sample : window) {
    packets.lost += static_cast<double>(sample->lost);
    packets.measured += static_cast<double>(sample->measured);
  }
  return packets;
}

/// Two intervals that do not touch, both of as many packets as were seen now: the baseline's own, of millions, would be
/// so narrow that one ordinary lost packet lies outside.
void judge_loss(const Baseline& baseline, const Usable& recent, Judgement& judgement) {
  constexpr std::size_t kConsecutive = 3;
  const std::size_t of_window = std::min(kConsecutive, window_of(recent, recent.size() - 1).size());
  bool worse = true;
  for (std::size_t i = recent.size() - of_window; i < recent.size(); ++i) {
    const Packets now = packets_of(window_of(recent, i));
    const NormalHour& normal = baseline.at(recent[i]->time);
    const auto past = static_cast<double>(normal.measured);
    judgement.value = now.lost / now.measured;
    judgement.normal = static_cast<double>(normal.lost) / past;
    judgement.limit = wilson_of_share(*judgement.normal, std::min(now.measured, past)).high;
    worse = worse && *wilson_of_share(*judgement.value, now.measured).low > *judgement.limit;
  }
  if (worse) judgement.verdict = Verdict::worse;
}

void judge_throughput(const Baseline& baseline, const Usable& recent, Judgement& judgement) {
  constexpr std::size_t kConsecutive = 2;
  bool worse = recent.size() >= kConsecutive;
  for (std::size_t i = recent.size() - std::min(recent.size(), kConsecutive); i < recent.size(); ++i) {
    const NormalHour& normal = baseline.at(recent[i]->time);
    judgement.value = *recent[i]->value;
    judgement.normal = normal.p50;
    judgement.limit = 0.8 * normal.p10;
    worse = worse && *judgement.value < *judgement.limit;
  }
  if (worse) judgement.verdict = Verdict::worse;
}

Judgement judge_learning(const Usable& recent) {
  const Packets now = packets_of(window_of(recent, recent.size() - 1));
  if (now.measured == 0 || now.lost < kLossWhileLearning * now.measured) return {.verdict = Verdict::learning};
  return {.verdict = Verdict::lossy, .value = now.lost / now.measured, .normal = {}, .limit = kLossWhileLearning};
}

}  // namespace

const NormalHour& Baseline::at(UtcTime time) const { return hours[hour_of(time)]; }

Baseline build_baseline(SeriesKind kind, std::span<const BaselineSample> past, UtcTime now) {
  std::array<Hour, 24> by_hour;
  Hour all;
  UtcTime oldest = now;
  for (const BaselineSample& sample : past) {
    if (sample.time >= now || sample.time < now - kPast || !usable(kind, sample)) continue;
    by_hour[hour_of(sample.time)].add(sample);
    oldest = std::min(oldest, sample.time);
  }
  for (const Hour& hour : by_hour) all.add(hour);
  Baseline baseline{.kind = kind, .results = all.results, .learning = true};
  const bool runs = kind == SeriesKind::throughput || kind == SeriesKind::route;
  baseline.learning = all.results < (runs ? kEnoughRuns : kEnough);
  const NormalHour normal = normal_of(std::move(all), false);
  for (unsigned hour = 0; hour < 24; ++hour) {
    Hour near = by_hour[hour];
    near.add(by_hour[(hour + 23) % 24]);
    near.add(by_hour[(hour + 1) % 24]);
    const bool this_hour_only = now - oldest >= kBeforeHours && near.results >= kEnoughOfHour;
    baseline.hours[hour] = this_hour_only ? normal_of(std::move(near), true) : normal;
  }
  return baseline;
}

Judgement judge(const Baseline& baseline, std::span<const BaselineSample> recent) {
  if (recent.empty()) return {};
  if (!recent.back().answered) return {.verdict = Verdict::no_answer};
  if (baseline.kind == SeriesKind::delay && !recent.back().clock_valid) return {.verdict = Verdict::clock_invalid};
  Usable usable_ones;
  for (const BaselineSample& sample : recent) {
    if (usable(baseline.kind, sample)) usable_ones.push_back(&sample);
  }
  if (usable_ones.empty()) return {.verdict = baseline.learning ? Verdict::learning : Verdict::nothing};
  if (baseline.learning) return judge_learning(usable_ones);
  Judgement judgement{.verdict = Verdict::normal};
  switch (baseline.kind) {
    case SeriesKind::delay:
      judge_delay(baseline, usable_ones, judgement);
      break;
    case SeriesKind::loss:
      judge_loss(baseline, usable_ones, judgement);
      break;
    case SeriesKind::throughput:
      judge_throughput(baseline, usable_ones, judgement);
      break;
    case SeriesKind::route:
      break;
  }
  return judgement;
}

}  // namespace sonde
