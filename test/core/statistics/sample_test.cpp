#include "core/statistics/sample.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "core/statistics/delay_histogram.h"
#include "test/core/statistics/records.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

const Statistic& of(const Sample& sample, const Metric& metric) {
  for (const Statistic& statistic : sample.statistics) {
    if (statistic.metric == &metric) return statistic;
  }
  FAIL("no statistic " << metric.key);
  return sample.statistics.front();
}

/// 600 packets of which number i takes 20 ms and i µs; every 100th is lost.
std::vector<PacketRecord> minute() {
  std::vector<std::optional<Duration>> delays;
  for (int i = 0; i < 600; ++i)
    delays.push_back(i % 100 == 99 ? std::nullopt : std::optional<Duration>{20ms + i * 1us});
  return stream(delays);
}

SampleRules known_clocks() {
  SampleRules rules;
  rules.local_bound = 30us;
  rules.remote_bound = 70us;
  return rules;
}

}  // namespace

TEST_CASE("a minute of packets is summed up") {
  const Sample sample = summarise(Direction::forward, minute(), known_clocks());
  const Counts& counts = sample.result.counts;
  CHECK(counts == Counts{.sent = 600, .received = 594, .lost = 6});
  CHECK(*of(sample, metric::loss_ratio).value == Approx(0.01));
  CHECK(*of(sample, metric::loss_ratio).interval.low == Approx(0.004594).epsilon(1e-3));
  CHECK(*of(sample, metric::loss_ratio).interval.high == Approx(0.021631).epsilon(1e-3));
  CHECK(*of(sample, metric::delay_min).value == Approx(0.020));
  CHECK(*of(sample, metric::delay_max).value == Approx(0.020598));
  CHECK(*of(sample, metric::loss_periods).value == 6);
  CHECK(*of(sample, metric::loss_distance_mean).value == 100);
  CHECK(*of(sample, metric::sent).value == 600);
  CHECK(sample.result.packets.size() == 600);
  CHECK(sample.result.direction == Direction::forward);
}

TEST_CASE("each statistic stands once, in the order of the catalogue, with its direction, a value or a reason") {
  for (const auto& records : {minute(), stream({20ms}), stream({std::nullopt}), std::vector<PacketRecord>{}}) {
    for (const bool counted : {true, false}) {
      SampleRules rules = known_clocks();
      rules.counted = counted;
      rules.sent_hop_limit = 255;
      const Sample sample = summarise(Direction::reverse, records, rules);
      std::set<const Metric*> seen;
      const Metric* previous = nullptr;
      for (const Statistic& statistic : sample.statistics) {
        INFO(statistic.metric->key);
        CHECK(seen.insert(statistic.metric).second);
        CHECK((previous == nullptr || previous < statistic.metric));
        CHECK(statistic.direction == Direction::reverse);
        CHECK(statistic.value.has_value() == statistic.why.empty());
        if (!statistic.value) CHECK(statistic.interval == Interval{});
        previous = statistic.metric;
      }
    }
  }
}

TEST_CASE("lost is undefined, never zero") {
  const Sample sample = summarise(Direction::forward, stream({std::nullopt, std::nullopt}), known_clocks());
  for (const Metric* metric : {&metric::delay_min, &metric::delay_mean, &metric::delay_p50, &metric::delay_max,
                               &metric::ipdv_p50, &metric::pdv_p50, &metric::delay_p50_lost_infinite}) {
    INFO(metric->key);
    CHECK_FALSE(of(sample, *metric).value);
  }
  CHECK(*of(sample, metric::loss_ratio).value == 1);
  CHECK(sample.result.histogram.empty());
}

TEST_CASE("the clocks' bounds are added and widen delays, but not their variation") {
  const Sample sample = summarise(Direction::forward, minute(), known_clocks());
  const Sample exact = [&] {
    SampleRules rules;
    rules.same_clock = true;
    return summarise(Direction::forward, minute(), rules);
  }();
  const Statistic &p95 = of(sample, metric::delay_p95), &p95_exact = of(exact, metric::delay_p95);
  CHECK(p95.basis == Basis::sampling_and_clock);
  CHECK(p95_exact.basis == Basis::sampling);
  CHECK(*p95.interval.low == Approx(*p95_exact.interval.low - 100e-6));
  CHECK(*p95.interval.high == Approx(*p95_exact.interval.high + 100e-6));
  CHECK(of(sample, metric::delay_min).basis == Basis::clock_bound);
  CHECK(*of(sample, metric::delay_min).interval.low == Approx(0.0199));
  CHECK(*of(sample, metric::delay_min).interval.high == Approx(0.0201));
  CHECK(of(exact, metric::delay_min).interval == Interval{});
  for (const Metric* metric : {&metric::pdv_p95, &metric::ipdv_p95, &metric::pdv_spread, &metric::ipdv_abs_mean}) {
    CHECK(of(sample, *metric).interval == of(exact, *metric).interval);
    CHECK(of(sample, *metric).basis == Basis::sampling);
  }
}

TEST_CASE("with one clock unknown a one-way delay has a value but nothing is certain about it") {
  SampleRules rules;
  rules.local_bound = 30us;
  const Sample sample = summarise(Direction::forward, minute(), rules);
  for (const Metric* metric : {&metric::delay_min, &metric::delay_mean, &metric::delay_p50}) {
    CHECK(of(sample, *metric).value);
    CHECK(of(sample, *metric).interval == Interval{});
    CHECK(of(sample, *metric).basis == Basis::none);
  }
  CHECK(of(sample, metric::pdv_p95).basis == Basis::sampling);
  CHECK_FALSE(DelayHistogram::decode(sample.result.histogram)->clock().bound);
}

TEST_CASE("a round trip needs no bound: both stamps are by one clock") {
  const Sample sample = summarise(Direction::round_trip, minute(), {});
  CHECK(of(sample, metric::delay_p50).basis == Basis::sampling);
  CHECK(DelayHistogram::decode(sample.result.histogram)->clock() == HistogramClock{Duration::zero(), true});
}

TEST_CASE("a packet that our own socket dropped is not measured, never network loss") {
  SampleRules rules = known_clocks();
  rules.dropped_here = 4;
  const Sample sample = summarise(Direction::reverse, minute(), rules);
  CHECK(sample.result.counts.sent == 600);
  CHECK(sample.result.counts.lost == 2);
  CHECK(sample.result.counts.dropped_here == 4);
  CHECK(*of(sample, metric::loss_ratio).value == Approx(2.0 / 596));
  CHECK(*of(sample, metric::lost).value == 2);
  // Which of the missing ones they are is not known, so neither is the pattern.
  CHECK_FALSE(of(sample, metric::loss_periods).value);
  CHECK_FALSE(of(sample, metric::loss_distance_mean).value);
}

TEST_CASE("more drops here than packets are missing leave no loss and no negative count") {
  SampleRules rules;
  rules.dropped_here = 1000;
  const Sample sample = summarise(Direction::round_trip, minute(), rules);
  CHECK(sample.result.counts.lost == 0);
  CHECK(*of(sample, metric::loss_ratio).value == 0);
  rules.dropped_here = 2;
  const Sample all = summarise(Direction::round_trip, stream({std::nullopt, std::nullopt}), rules);
  CHECK_FALSE(of(all, metric::loss_ratio).value);
}

TEST_CASE(
    "the percentile with lost as infinite is a metric of its own, undefined where loss exceeds what is above it") {
  auto delays = std::vector<std::optional<Duration>>(100, 20ms);
  for (int i = 0; i < 5; ++i) delays[static_cast<std::size_t>(i)] = std::nullopt;
  const Sample five = summarise(Direction::round_trip, stream(delays), {});
  CHECK(*of(five, metric::delay_p95_lost_infinite).value == Approx(0.020));
  delays[5] = std::nullopt;
  const Sample six = summarise(Direction::round_trip, stream(delays), {});
  CHECK_FALSE(of(six, metric::delay_p95_lost_infinite).value);
  CHECK(of(six, metric::delay_p95).value);
  CHECK(of(six, metric::delay_p50_lost_infinite).value);
}

TEST_CASE("duplicates enter nothing but their own count") {
  auto records = minute();
  const Sample plain = summarise(Direction::forward, records, known_clocks());
  for (std::uint32_t i = 0; i < 50; ++i) records.push_back(packet(i, 500ms));
  const Sample doubled = summarise(Direction::forward, records, known_clocks());
  CHECK(doubled.result.counts.duplicated == 50);
  CHECK(*of(doubled, metric::duplicate_ratio).value == Approx(50.0 / 594));
  CHECK(doubled.result.histogram == plain.result.histogram);
  for (const Statistic& statistic : plain.statistics) {
    if (statistic.metric == &metric::duplicates || statistic.metric == &metric::duplicate_ratio) continue;
    INFO(statistic.metric->key);
    CHECK(of(doubled, *statistic.metric).value == statistic.value);
  }
}

TEST_CASE("reordering is told by count, share, extent and n") {
  auto records = stream({20ms, 20ms, 20ms, 20ms, 20ms});
  records[1] = packet(1, 250ms);
  const Sample sample = summarise(Direction::forward, records, known_clocks());
  CHECK(sample.result.counts.reordered == 1);
  CHECK(*of(sample, metric::reordered_ratio).value == Approx(0.2));
  CHECK(*of(sample, metric::reordering_extent).value == 2);
  CHECK(*of(sample, metric::n_reordering_2).value == 1);
  CHECK(*of(sample, metric::n_reordering_3).value == 0);
}

TEST_CASE("without a counter at the far end one direction tells delays only") {
  SampleRules rules = known_clocks();
  rules.counted = false;
  const Sample sample = summarise(Direction::forward, minute(), rules);
  CHECK(of(sample, metric::delay_p50).value);
  CHECK(of(sample, metric::ipdv_p50).value);
  for (const Metric* metric : {&metric::loss_ratio, &metric::lost, &metric::duplicates, &metric::reordered,
                               &metric::loss_periods, &metric::delay_p50_lost_infinite, &metric::n_reordering_1}) {
    INFO(metric->key);
    CHECK_FALSE(of(sample, *metric).value);
  }
  CHECK(sample.result.counts == Counts{.sent = 594, .received = 594});
}

TEST_CASE("packets sent late are counted, and how late packets left is told as own health") {
  auto records = minute();
  for (std::uint32_t i = 0; i < 10; ++i) records[i] = packet(i, 20ms, 3ms);
  const Sample sample = summarise(Direction::forward, records, known_clocks());
  CHECK(sample.result.counts.sent_late == 10);
  CHECK(sample.slip_p99 == Duration{3ms});
  CHECK(*of(sample, metric::slip_p99).value == Approx(0.003));
  CHECK_FALSE(summarise(Direction::forward, stream({20ms}), {}).slip_p99);
  // In reverse the far end was the sender: its slip is not our health.
  const Sample reverse = summarise(Direction::reverse, records, known_clocks());
  CHECK(std::ranges::none_of(reverse.statistics, [](const auto& s) { return s.metric == &metric::slip_p99; }));
}

TEST_CASE("hops are what the far end's hop limit lost on the way") {
  auto records = stream({20ms, 20ms, 20ms, std::nullopt});
  records[0].hop_limit = 250;
  records[1].hop_limit = 247;
  records[3].hop_limit = 1;
  SampleRules rules = known_clocks();
  rules.sent_hop_limit = 255;
  const Sample sample = summarise(Direction::forward, records, rules);
  CHECK(*of(sample, metric::hops_min).value == 5);
  CHECK(*of(sample, metric::hops_max).value == 8);
}

TEST_CASE("the histogram in the result holds every arrived packet") {
  const Sample sample = summarise(Direction::forward, minute(), known_clocks());
  const auto histogram = DelayHistogram::decode(sample.result.histogram);
  REQUIRE(histogram);
  CHECK(histogram->count() == 594);
  CHECK(histogram->min_ns() == 20'000'000);
  CHECK(histogram->max_ns() == 20'598'000);
  CHECK(histogram->clock() == HistogramClock{100us, false});
}

TEST_CASE("absurd clock bounds do not leave 64 bits") {
  SampleRules rules;
  rules.local_bound = Duration::max();
  rules.remote_bound = Duration::max();
  const Sample sample = summarise(Direction::forward, minute(), rules);
  CHECK(*of(sample, metric::delay_p50).interval.high > 1e9);
  CHECK(DelayHistogram::decode(sample.result.histogram));
}
