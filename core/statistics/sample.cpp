#include "core/statistics/sample.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/statistics/delay.h"
#include "core/statistics/delay_histogram.h"
#include "core/statistics/delay_variation.h"
#include "core/statistics/duplication.h"
#include "core/statistics/first_copy.h"
#include "core/statistics/loss.h"
#include "core/statistics/reordering.h"
#include "core/statistics/statistic_list.h"

namespace sonde {
namespace {

/// Bounds may come from far ends: a silly one must not leave 64 bits when two are added.
std::optional<Duration> sane(std::optional<Duration> bound) {
  if (bound) bound = std::clamp(*bound, Duration::zero(), Duration{std::int64_t{1} << 59});
  return bound;
}

ClockError clock_error(Direction direction, const SampleRules& rules) {
  if (rules.same_clock || direction == Direction::round_trip) return {.one_clock = true, .bound = Duration::zero()};
  const auto local = sane(rules.local_bound), remote = sane(rules.remote_bound);
  if (!local || !remote) return {};
  return {.one_clock = false, .bound = *local + *remote};
}

struct MetricOfPercent {
  const Metric& metric;
  int percent;
};

/// Everything the statistics are made of, worked out once.
struct Material {
  std::vector<SentPacket> packets;        // in sending order
  std::vector<std::int64_t> delays;       // of arrived packets, ascending
  std::vector<std::int64_t> differences;  // IPDV, ascending
  Reordering order;
  Duplication copies;
  LossPattern losses;
  Counts counts;
  std::uint64_t measured = 0;  // received and lost
};

Counts counts_of(const Material& material, const SampleRules& rules) {
  Counts counts;
  counts.received = material.copies.arrived;
  const std::uint64_t missing = material.packets.size() - counts.received;
  counts.sent = rules.counted ? material.packets.size() : counts.received;
  counts.lost = rules.counted ? missing - std::min(missing, rules.dropped_here) : 0;
  counts.duplicated = rules.counted ? material.copies.further_copies : 0;
  counts.reordered = rules.counted ? material.order.reordered : 0;
  counts.dropped_here = rules.dropped_here;
  counts.sent_late = static_cast<std::uint64_t>(std::ranges::count(material.packets, true, &SentPacket::sent_late));
  return counts;
}

Material prepare(std::span<const PacketRecord> records, const SampleRules& rules) {
  Material material;
  material.packets = first_copies(records, rules.loss_threshold, rules.late_limit);
  material.delays.reserve(material.packets.size());
  for (const SentPacket& packet : material.packets) {
    if (packet.arrived()) material.delays.push_back(packet.delay_ns());
  }
  std::ranges::sort(material.delays);
  material.differences = ipdv(material.packets);
  std::ranges::sort(material.differences);
  material.order = reordering(arrival_order(material.packets));
  material.copies = duplication(material.packets);
  material.losses = loss_pattern(material.packets);
  material.counts = counts_of(material, rules);
  material.measured = material.counts.received + material.counts.lost;
  return material;
}

void add_delays(const Material& material, StatisticList& out) {
  const auto& delays = material.delays;
  const std::string why = too_few(delays.size(), "packets arrived");
  if (delays.empty()) {
    out.undefined(metric::delay_min, why);
  } else {
    out.extreme(metric::delay_min, delays.front());
  }
  out.average_delay(metric::delay_mean, mean(delays), why);
  const MetricOfPercent plain[] = {{metric::delay_p10, 10}, {metric::delay_p25, 25}, {metric::delay_p50, 50},
                                   {metric::delay_p75, 75}, {metric::delay_p90, 90}, {metric::delay_p95, 95},
                                   {metric::delay_p99, 99}};
  for (const auto& [metric, percent] : plain) out.delay(metric, percentile(delays, percent), why);
  if (delays.empty()) {
    out.undefined(metric::delay_max, why);
  } else {
    out.extreme(metric::delay_max, delays.back());
  }
}

void add_lost_infinite(const Material& material, const SampleRules& rules, StatisticList& out) {
  const MetricOfPercent infinite[] = {{metric::delay_p50_lost_infinite, 50}, {metric::delay_p95_lost_infinite, 95}};
  for (const auto& [metric, percent] : infinite) {
    if (!rules.counted) {
      out.undefined(metric, "loss of this direction is not known");
    } else if (!publishable(material.measured, percent)) {
      out.undefined(metric, too_few(material.measured, "packets measured"));
    } else {
      out.delay(metric, percentile(material.delays, percent, material.counts.lost),
                "so many packets were lost that it is infinite");
    }
  }
}

void add_variation(const Material& material, StatisticList& out) {
  const auto& pairs = material.differences;
  const std::string few_pairs = too_few(pairs.size(), "pairs of consecutive packets arrived");
  const MetricOfPercent of_pairs[] = {{metric::ipdv_p50, 50}, {metric::ipdv_p95, 95}, {metric::ipdv_p99, 99}};
  for (const auto& [metric, percent] : of_pairs) out.variation(metric, percentile(pairs, percent), few_pairs);
  std::vector<std::int64_t> sizes = pairs;
  for (auto& size : sizes) size = std::abs(size);
  out.average_variation(metric::ipdv_abs_mean, mean(sizes), few_pairs);
  const std::string few = too_few(material.delays.size(), "packets arrived");
  const MetricOfPercent of_delays[] = {{metric::pdv_p50, 50}, {metric::pdv_p95, 95}, {metric::pdv_p99, 99}};
  for (const auto& [metric, percent] : of_delays) out.variation(metric, pdv_percentile(material.delays, percent), few);
  out.variation(metric::pdv_spread, pdv_spread(material.delays), few);
}

void add_counts(const Material& material, StatisticList& out) {
  const Counts& counts = material.counts;
  out.ratio(metric::loss_ratio, counts.lost, material.measured, "packets measured");
  out.count(metric::sent, counts.sent);
  out.count(metric::received, counts.received);
  out.count(metric::lost, counts.lost);
  out.count(metric::duplicates, counts.duplicated);
  out.count(metric::reordered, counts.reordered);
  out.count(metric::dropped_here, counts.dropped_here);
  out.count(metric::sent_late, counts.sent_late);
  out.ratio(metric::duplicate_ratio, counts.duplicated, counts.received, "packets arrived");
  out.ratio(metric::reordered_ratio, counts.reordered, counts.received, "packets arrived");
}

void add_order(const Reordering& order, StatisticList& out) {
  if (order.extent) {
    out.count(metric::reordering_extent, *order.extent);
  } else {
    out.undefined(metric::reordering_extent, "no packet was reordered");
  }
  out.count(metric::n_reordering_1, order.n_reordered[0]);
  out.count(metric::n_reordering_2, order.n_reordered[1]);
  out.count(metric::n_reordering_3, order.n_reordered[2]);
}

void add_loss_pattern(const Material& material, StatisticList& out) {
  if (material.counts.lost != material.losses.lost) {
    const std::string why = "this host dropped packets, and which ones is not known";
    for (const Metric* metric : {&metric::loss_periods, &metric::loss_period_max, &metric::loss_distance_mean}) {
      out.undefined(*metric, why);
    }
    return;
  }
  out.count(metric::loss_periods, material.losses.periods);
  out.count(metric::loss_period_max, material.losses.longest);
  if (material.losses.mean_distance) {
    out.value(metric::loss_distance_mean, *material.losses.mean_distance);
  } else {
    out.undefined(metric::loss_distance_mean, "fewer than two packets were lost");
  }
}

void add_not_counted(const Material& material, StatisticList& out) {
  const std::string why = "the far end keeps no counter: only the round trip's is known";
  for (const Metric* metric : {&metric::loss_ratio, &metric::sent, &metric::received, &metric::lost,
                               &metric::duplicates, &metric::reordered}) {
    out.undefined(*metric, why);
  }
  out.count(metric::dropped_here, material.counts.dropped_here);
  out.count(metric::sent_late, material.counts.sent_late);
  for (const Metric* metric : {&metric::duplicate_ratio, &metric::reordered_ratio, &metric::reordering_extent,
                               &metric::n_reordering_1, &metric::n_reordering_2, &metric::n_reordering_3,
                               &metric::loss_periods, &metric::loss_period_max, &metric::loss_distance_mean}) {
    out.undefined(*metric, why);
  }
}

void add_hops(const Material& material, std::span<const PacketRecord> records, const SampleRules& rules,
              StatisticList& out) {
  std::optional<int> fewest, most;
  for (const SentPacket& packet : material.packets) {
    const int limit = records[packet.record].hop_limit;
    if (!packet.arrived() || limit == 0 || limit > rules.sent_hop_limit) continue;
    const int hops = rules.sent_hop_limit - limit;
    fewest = std::min(fewest.value_or(hops), hops);
    most = std::max(most.value_or(hops), hops);
  }
  if (!fewest) return;
  out.count(metric::hops_min, static_cast<std::uint64_t>(*fewest));
  out.count(metric::hops_max, static_cast<std::uint64_t>(*most));
}

/// Of arrived packets alone: with a lost packet its stamp may be lost too.
std::optional<Estimate> slip(const Material& material) {
  std::vector<std::int64_t> slips;
  slips.reserve(material.packets.size());
  for (const SentPacket& packet : material.packets) {
    if (packet.arrived()) slips.push_back(packet.slip_ns());
  }
  std::ranges::sort(slips);
  return percentile(slips, 99);
}

}  // namespace

Sample summarise(Direction direction, std::span<const PacketRecord> records, const SampleRules& rules) {
  const Material material = prepare(records, rules);
  const ClockError clock = clock_error(direction, rules);
  StatisticList statistics(direction, clock);
  add_delays(material, statistics);
  add_lost_infinite(material, rules, statistics);
  add_variation(material, statistics);
  if (rules.counted) {
    add_counts(material, statistics);
    add_order(material.order, statistics);
    add_loss_pattern(material, statistics);
  } else {
    add_not_counted(material, statistics);
  }
  if (rules.sent_hop_limit > 0) add_hops(material, records, rules, statistics);
  const auto slipped = slip(material);
  if (direction != Direction::reverse) {
    statistics.variation(metric::slip_p99, slipped, too_few(material.delays.size(), "packets arrived"));
  }

  Sample sample;
  sample.statistics = statistics.take();
  sample.result = {
      .direction = direction, .counts = material.counts, .histogram = {}, .packets = {records.begin(), records.end()}};
  if (!material.delays.empty()) {
    sample.result.histogram = DelayHistogram::of(material.delays, {clock.bound, clock.one_clock}).encode();
  }
  if (slipped) sample.slip_p99 = Duration{slipped->value_ns};
  return sample;
}

}  // namespace sonde
