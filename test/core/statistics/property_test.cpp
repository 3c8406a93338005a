// Samples made at random, small enough to be looked at packet by packet, against the plainest reading of each
// definition.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "core/base/random.h"
#include "core/statistics/delay_histogram.h"
#include "core/statistics/sample.h"
#include "test/core/statistics/records.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

struct Made {
  std::vector<PacketRecord> records;
  SampleRules rules;
};

/// Up to 40 packets 100 µs apart with loss, lateness, copies and delays from before sending to beyond the threshold;
/// stamps are coarse so that equal ones occur; records in any order.
Made make(std::uint64_t seed) {
  const auto random = seeded_random(seed);
  Made made;
  made.rules.loss_threshold = 5ms;
  made.rules.same_clock = random->below(2) == 0;
  made.rules.local_bound = 10us;
  made.rules.remote_bound = 20us;
  made.rules.dropped_here = random->below(3) == 0 ? random->below(4) : 0;
  const std::uint64_t n = random->below(41), loss = random->below(40), copies = random->below(30);
  for (std::uint32_t i = 0; i < n; ++i) {
    if (random->below(20) == 0) continue;  // a number that was never sent
    const std::uint64_t times = random->below(100) < copies ? 1 + random->below(3) : 1;
    const Duration slip = random->below(8) == 0 ? Duration{random->below(3) * 700us} : Duration{};
    for (std::uint64_t k = 0; k < times; ++k) {
      PacketRecord record;
      record.sequence = i;
      record.scheduled = kStart + i * 100us;
      record.sent = record.scheduled + slip;
      const Duration delay = random->below(30) * 50us - 200us + (random->below(10) == 0 ? 4ms : 0ms);
      if (random->below(100) >= loss) record.received = record.sent + delay;
      made.records.push_back(record);
    }
  }
  if (random->below(2) == 0) {
    for (std::size_t i = made.records.size(); i > 1; --i)
      std::swap(made.records[i - 1], made.records[random->below(i)]);
  }
  return made;
}

/// A packet by the definitions alone.
struct Plain {
  std::vector<std::size_t> arrivals;  // indices of records that came in time, by arrival, then by place
  const PacketRecord* first = nullptr;
  UtcTime scheduled{}, sent{};
  Duration delay() const { return *first->received - first->sent; }
};

std::map<std::uint32_t, Plain> plain_packets(const Made& made) {
  std::map<std::uint32_t, Plain> packets;
  for (std::size_t i = 0; i < made.records.size(); ++i) {
    const PacketRecord& record = made.records[i];
    Plain& packet = packets[record.sequence];
    packet.scheduled = record.scheduled;
    packet.sent = record.sent;
    if (record.received && *record.received <= record.scheduled + made.rules.loss_threshold)
      packet.arrivals.push_back(i);
  }
  for (auto& [number, packet] : packets) {
    std::ranges::stable_sort(packet.arrivals, {}, [&](std::size_t i) { return *made.records[i].received; });
    if (!packet.arrivals.empty()) packet.first = &made.records[packet.arrivals.front()];
  }
  return packets;
}

const Statistic& of(const Sample& sample, const Metric& metric) {
  const auto found = std::ranges::find(sample.statistics, &metric, &Statistic::metric);
  REQUIRE(found != sample.statistics.end());
  return *found;
}

void check_value(const Sample& sample, const Metric& metric, std::optional<double> expected) {
  const Statistic& statistic = of(sample, metric);
  INFO(metric.key << " " << statistic.why);
  REQUIRE(statistic.value.has_value() == expected.has_value());
  if (expected) CHECK(*statistic.value == Approx(*expected).margin(1e-12));
  if (statistic.interval.low) CHECK(*statistic.interval.low <= *statistic.value + 1e-12);
  if (statistic.interval.high) CHECK(*statistic.interval.high >= *statistic.value - 1e-12);
}

/// The value where `defined`, none elsewhere.
void check_where(bool defined, const Sample& sample, const Metric& metric, double expected) {
  if (defined) {
    check_value(sample, metric, expected);
  } else {
    check_value(sample, metric, std::nullopt);
  }
}

/// The least value v such that the share of values <= v is at least p; infinite ones count as values.
std::optional<double> plain_percentile(const std::vector<Duration>& values, int percent, std::size_t infinite = 0) {
  const std::size_t n = values.size() + infinite;
  if (n == 0 || n * static_cast<std::size_t>(100 - percent) < 100) return std::nullopt;
  std::optional<Duration> least;
  for (const Duration v : values) {
    const auto not_above = static_cast<std::size_t>(std::ranges::count_if(values, [&](Duration w) { return w <= v; }));
    if (not_above * 100 >= n * static_cast<std::size_t>(percent) && (!least || v < *least)) least = v;
  }
  if (!least) return std::nullopt;
  return to_seconds(*least);
}

std::vector<Duration> plain_ipdv(const std::map<std::uint32_t, Plain>& packets) {
  std::vector<Duration> result;
  for (auto b = packets.begin(); b != packets.end(); ++b) {
    if (b == packets.begin()) continue;
    const auto a = std::prev(b);
    if (!a->second.first || !b->second.first) continue;
    if (a->second.sent - a->second.scheduled > 1ms || b->second.sent - b->second.scheduled > 1ms) continue;
    result.push_back(b->second.delay() - a->second.delay());
  }
  return result;
}

std::vector<std::uint32_t> plain_arrivals(const Made& made, const std::map<std::uint32_t, Plain>& packets) {
  std::vector<std::size_t> firsts;
  for (const auto& [number, packet] : packets) {
    if (packet.first) firsts.push_back(static_cast<std::size_t>(packet.first - made.records.data()));
  }
  std::ranges::sort(firsts);
  std::ranges::stable_sort(firsts, {}, [&](std::size_t i) { return *made.records[i].received; });
  std::vector<std::uint32_t> sequences;
  for (const std::size_t i : firsts) sequences.push_back(made.records[i].sequence);
  return sequences;
}

void check_order(const Sample& sample, const std::vector<std::uint32_t>& s) {
  std::size_t reordered = 0, extent = 0, n_reordered[4] = {};
  for (std::size_t i = 0, next_expected = 0; i < s.size(); ++i) {
    if (s[i] >= next_expected) {
      next_expected = s[i] + std::size_t{1};
      continue;
    }
    ++reordered;
    std::size_t j = 0;
    while (s[j] < s[i]) ++j;
    extent = std::max(extent, i - j);
    for (std::size_t n = 1; n <= 3 && n <= i; ++n) {
      bool all = true;
      for (std::size_t k = i - n; k < i; ++k) all = all && s[k] > s[i];
      n_reordered[n] += all;
    }
  }
  check_value(sample, metric::reordered, static_cast<double>(reordered));
  check_where(reordered > 0, sample, metric::reordering_extent, static_cast<double>(extent));
  check_value(sample, metric::n_reordering_1, static_cast<double>(n_reordered[1]));
  check_value(sample, metric::n_reordering_2, static_cast<double>(n_reordered[2]));
  check_value(sample, metric::n_reordering_3, static_cast<double>(n_reordered[3]));
}

void check_loss(const Sample& sample, const Made& made, const std::map<std::uint32_t, Plain>& packets) {
  std::vector<std::uint32_t> missing;
  std::size_t periods = 0, longest = 0, run = 0, copies = 0;
  for (const auto& [number, packet] : packets) {
    copies += packet.arrivals.empty() ? 0 : packet.arrivals.size() - 1;
    if (packet.first) {
      run = 0;
      continue;
    }
    missing.push_back(number);
    periods += ++run == 1;
    longest = std::max(longest, run);
  }
  const std::size_t dropped = std::min<std::size_t>(made.rules.dropped_here, missing.size());
  const double lost = static_cast<double>(missing.size() - dropped),
               measured = static_cast<double>(packets.size() - dropped);
  check_value(sample, metric::lost, lost);
  check_value(sample, metric::sent, static_cast<double>(packets.size()));
  check_value(sample, metric::duplicates, static_cast<double>(copies));
  check_where(measured > 0, sample, metric::loss_ratio, lost / measured);
  const bool known = dropped == 0;
  check_where(known, sample, metric::loss_periods, static_cast<double>(periods));
  check_where(known, sample, metric::loss_period_max, static_cast<double>(longest));
  std::optional<double> distance;
  for (std::size_t i = 1; i < missing.size() && known; ++i) {
    distance = distance.value_or(0) + (missing[i] - missing[i - 1]) / static_cast<double>(missing.size() - 1);
  }
  check_value(sample, metric::loss_distance_mean, distance);
}

void check_delays(const Sample& sample, std::vector<Duration> delays, std::size_t lost) {
  const std::pair<const Metric&, int> plain[] = {
      {metric::delay_p10, 10}, {metric::delay_p25, 25}, {metric::delay_p50, 50}, {metric::delay_p75, 75},
      {metric::delay_p90, 90}, {metric::delay_p95, 95}, {metric::delay_p99, 99}};
  for (const auto& [metric, percent] : plain) check_value(sample, metric, plain_percentile(delays, percent));
  check_value(sample, metric::delay_p50_lost_infinite, plain_percentile(delays, 50, lost));
  check_value(sample, metric::delay_p95_lost_infinite, plain_percentile(delays, 95, lost));
  if (delays.empty()) return;
  const Duration least = *std::ranges::min_element(delays);
  check_value(sample, metric::delay_min, to_seconds(least));
  check_value(sample, metric::delay_max, to_seconds(*std::ranges::max_element(delays)));
  Duration sum{};
  for (const Duration d : delays) sum += d;
  check_value(sample, metric::delay_mean, to_seconds(sum) / static_cast<double>(delays.size()));
  const auto p50 = plain_percentile(delays, 50), p95 = plain_percentile(delays, 95);
  check_where(p50 && p95, sample, metric::pdv_spread, p95.value_or(0) - p50.value_or(0));
  for (Duration& d : delays) d -= least;
  check_value(sample, metric::pdv_p50, plain_percentile(delays, 50));
  check_value(sample, metric::pdv_p95, plain_percentile(delays, 95));
}

}  // namespace

TEST_CASE("statistics of random samples are what their definitions say, packet by packet") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    INFO("seed " << seed);
    const Made made = make(seed);
    const Sample sample = summarise(Direction::forward, made.records, made.rules);
    const auto packets = plain_packets(made);
    std::vector<Duration> delays;
    for (const auto& [number, packet] : packets) {
      if (packet.first) delays.push_back(packet.delay());
    }
    check_loss(sample, made, packets);
    check_delays(sample, delays, sample.result.counts.lost);
    check_order(sample, plain_arrivals(made, packets));
    const auto pairs = plain_ipdv(packets);
    check_value(sample, metric::ipdv_p50, plain_percentile(pairs, 50));
    check_value(sample, metric::ipdv_p95, plain_percentile(pairs, 95));
    const Counts& counts = sample.result.counts;
    CHECK(counts.received == delays.size());
    CHECK(counts.sent >= counts.received + counts.lost);
    CHECK(counts.sent <= counts.received + counts.lost + counts.dropped_here);
  }
}

TEST_CASE("histograms of random samples count each delay in the bin that holds it") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    INFO("seed " << seed);
    const Made made = make(seed);
    const Sample sample = summarise(Direction::forward, made.records, made.rules);
    if (sample.result.counts.received == 0) {
      CHECK(sample.result.histogram.empty());
      continue;
    }
    const auto histogram = DelayHistogram::decode(sample.result.histogram);
    REQUIRE(histogram);
    std::map<std::int64_t, std::uint64_t> counts;
    for (const auto& [number, packet] : plain_packets(made)) {
      if (!packet.first) continue;
      const auto bins = histogram->bins();
      const auto bin = std::ranges::find_if(
          bins, [&, d = packet.delay().count()](const HistogramBin& b) { return b.low_ns <= d && d < b.high_ns; });
      REQUIRE(bin != bins.end());
      ++counts[bin->low_ns];
    }
    for (const HistogramBin& bin : histogram->bins()) CHECK(counts[bin.low_ns] == bin.count);
  }
}

TEST_CASE("intervals of loss and of the median hold the truth in about 95 of 100 samples") {
  const auto random = seeded_random(42);
  int loss_held = 0, median_held = 0;
  constexpr int kSamples = 2000;
  for (int i = 0; i < kSamples; ++i) {
    std::vector<PacketRecord> records;
    for (std::uint32_t k = 0; k < 200; ++k) {
      const double slow = -std::log(1 - random->unit());
      const Duration delay{static_cast<std::int64_t>(13e6 + 1e6 * slow)};
      records.push_back(packet(k, random->unit() < 0.05 ? std::nullopt : std::optional(delay)));
    }
    const Sample sample = summarise(Direction::round_trip, records, {});
    const auto holds = [&](const Metric& metric, double truth) {
      const Interval& interval = of(sample, metric).interval;
      return *interval.low <= truth && truth <= *interval.high;
    };
    loss_held += holds(metric::loss_ratio, 0.05);
    median_held += holds(metric::delay_p50, 13e-3 + 1e-3 * std::log(2.0));
  }
  CHECK(loss_held > kSamples * 93 / 100);
  CHECK(loss_held < kSamples * 98 / 100);
  CHECK(median_held > kSamples * 94 / 100);
  CHECK(median_held < kSamples * 98 / 100);
}
