#include "core/judge/samples.h"

#include <algorithm>
#include <chrono>

namespace sonde {
namespace {

using namespace std::chrono_literals;

// how long histograms of one minute are kept (measurement.md), and how many are read at once: few, to stay small
constexpr Duration kFine = 14 * 24h;
constexpr std::int64_t kPoints = 500;
constexpr std::size_t kPage = 500, kMostResults = 10'000;

bool one_way(Direction direction) { return direction == Direction::forward || direction == Direction::reverse; }

void set_clock(BaselineSample& sample, Direction direction, std::optional<Duration> bound, bool same_clock) {
  sample.clock_bound = one_way(direction) && !same_clock ? bound : std::optional(Duration::zero());
  sample.clock_valid = sample.clock_bound.has_value();
}

void read_smoke(const Archive& archive, const std::string& test, std::uint32_t revision, Direction direction,
                Duration step, TimeRange range, std::vector<BaselineSample>& out) {
  for (UtcTime begin = range.begin; begin < range.end; begin += step * kPoints) {
    const TimeRange part{begin, std::min(range.end, begin + step * kPoints)};
    const Smoke smoke = archive.smoke(test, revision, direction, part, step);
    for (const SmokePoint& point : smoke.points)
      if (const auto sample = sample_of(point, direction, smoke.step)) out.push_back(*sample);
  }
}

void read_results(const Archive& archive, const std::string& test, std::uint32_t revision, Direction direction,
                  TimeRange range, std::vector<BaselineSample>& out) {
  ResultQuery query{.test = test, .range = range, .limit = kPage};
  for (std::size_t read = 0; read < kMostResults;) {
    const auto page = archive.results(query);
    for (const auto& result : page) {
      const auto sample = result->revision == revision ? sample_of(*result, direction) : std::nullopt;
      if (sample) out.push_back(*sample);
    }
    read += page.size();
    if (page.size() < kPage) break;
    query.before_id = page.back()->id;
  }
  std::ranges::sort(out, {}, &BaselineSample::time);
}

}  // namespace

const Statistic* find_statistic(const Result& result, const Metric& metric, Direction direction) {
  const auto found = std::ranges::find_if(result.statistics, [&](const Statistic& s) {
    return s.metric && s.metric->key == metric.key && s.direction == direction && s.subject.empty();
  });
  return found == result.statistics.end() ? nullptr : &*found;
}

std::optional<BaselineSample> sample_of(const Result& result, Direction direction) {
  if (result.outcome == Outcome::skipped || result.outcome == Outcome::refused || result.time_in_doubt)
    return std::nullopt;
  const auto counted = std::ranges::find(result.directions, direction, &DirectionResult::direction);
  const bool told = counted != result.directions.end();
  if (!told && result.outcome == Outcome::done) return std::nullopt;
  BaselineSample sample{.time = result.end};
  if (told) {
    sample.lost = counted->counts.lost;
    sample.measured = counted->counts.received + counted->counts.lost;
  }
  if (const Statistic* delay = find_statistic(result, metric::delay_p50, direction)) sample.value = delay->value;
  std::optional<Duration> bound;
  if (result.local_clock.bound && result.remote_clock.bound)
    bound = *result.local_clock.bound + *result.remote_clock.bound;
  set_clock(sample, direction, bound, result.own_clocks_only);
  sample.answered = result.outcome == Outcome::done && (sample.measured == 0 || sample.lost < sample.measured);
  sample.heavy = result.health.own_heavy_test;
  return sample;
}

std::optional<BaselineSample> sample_of(const SmokePoint& point, Direction direction, Duration step) {
  if (point.sent == 0) return std::nullopt;
  BaselineSample sample{.time = point.begin + step, .value = point.p50, .lost = point.lost, .measured = point.sent};
  std::optional<Duration> bound;
  if (point.clock_bound) bound = Duration{static_cast<std::int64_t>(*point.clock_bound * 1e9)};
  set_clock(sample, direction, bound, point.same_clock);
  sample.answered = point.lost < point.sent;
  sample.heavy = point.heavy;
  return sample;
}

std::vector<BaselineSample> read_past(const Archive& archive, const std::string& test, std::uint32_t revision,
                                      Direction direction, Duration step, TimeRange range) {
  std::vector<BaselineSample> out;
  if (step == Duration::zero()) {
    read_results(archive, test, revision, direction, range, out);
    return out;
  }
  const Duration fine = std::max<Duration>(step, 1min), coarse = std::max<Duration>(step, 5min);
  const UtcTime joint = align_down(std::clamp(range.end - kFine, range.begin, range.end), coarse);
  if (joint > range.begin) read_smoke(archive, test, revision, direction, coarse, {range.begin, joint}, out);
  read_smoke(archive, test, revision, direction, fine, {std::max(joint, range.begin), range.end}, out);
  return out;
}

}  // namespace sonde
