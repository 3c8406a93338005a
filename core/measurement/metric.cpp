#include "core/measurement/metric.h"

#include <algorithm>
#include <array>

namespace sonde {
namespace {

using enum MetricKind;

constexpr std::string_view kDelay =
    "RFC 7679 §5.1 (one way), RFC 2681 §4.1 (round trip); nearest rank of RFC 2330 §11.3";
constexpr std::string_view kInfinite = "RFC 7679 §5.1, lost packets counted as infinitely late; RFC 2330 §11.3";
constexpr std::string_view kIpdv = "RFC 3393 §4.3, consecutive packets in sending order; RFC 5481 §4.1";
constexpr std::string_view kPdv = "RFC 5481 §4.2, against the least delay of the same result";

/// In the order in which forms, exports and help show them.
constexpr auto kStandard = std::to_array<Metric>({
    {"delay.min", "least delay", Unit::seconds, gauge, "RFC 7679 §5.3, RFC 2681 §4.3",
     "The fastest packet that arrived: close to what the path takes when nothing queues."},
    {"delay.mean", "mean delay", Unit::seconds, gauge, "arithmetic mean over arrived packets; in no delay RFC",
     "Pulled up by few slow packets; the median says better what most packets see."},
    {"delay.p10", "10th percentile of delay", Unit::seconds, gauge, kDelay,
     "One packet in ten was this fast or faster."},
    {"delay.p25", "25th percentile of delay", Unit::seconds, gauge, kDelay,
     "A quarter of the packets was this fast or faster."},
    {"delay.p50", "median delay", Unit::seconds, gauge, kDelay,
     "Half of the arrived packets took no longer than this."},
    {"delay.p75", "75th percentile of delay", Unit::seconds, gauge, kDelay,
     "Three quarters of the packets took no longer than this."},
    {"delay.p90", "90th percentile of delay", Unit::seconds, gauge, kDelay,
     "Nine packets in ten took no longer than this."},
    {"delay.p95", "95th percentile of delay", Unit::seconds, gauge, kDelay,
     "One packet in twenty took longer than this."},
    {"delay.p99", "99th percentile of delay", Unit::seconds, gauge, kDelay,
     "One packet in a hundred took longer than this; undefined below a hundred packets."},
    {"delay.max", "greatest delay", Unit::seconds, gauge, "maximum over arrived packets",
     "The slowest packet that still arrived within the loss threshold."},
    {"delay.p50_lost_infinite", "median delay, lost as infinite", Unit::seconds, gauge, kInfinite,
     "Half of all sent packets arrived within this time; undefined when more than half were lost."},
    {"delay.p95_lost_infinite", "95th percentile of delay, lost as infinite", Unit::seconds, gauge, kInfinite,
     "Nineteen in twenty sent packets arrived within this time; undefined when more than one in twenty was lost."},
    {"ipdv.p50", "median IPDV", Unit::seconds, gauge, kIpdv,
     "Delay of a packet less that of the one before it, signed: the middle of all pairs."},
    {"ipdv.p95", "95th percentile of IPDV", Unit::seconds, gauge, kIpdv,
     "One pair in twenty had a greater step up in delay than this."},
    {"ipdv.p99", "99th percentile of IPDV", Unit::seconds, gauge, kIpdv,
     "One pair in a hundred had a greater step up in delay than this."},
    {"ipdv.abs_mean", "mean size of IPDV", Unit::seconds, gauge, "mean of |ddT| over the pairs of RFC 3393",
     "How much delay changes from one packet to the next, whichever way."},
    {"pdv.p50", "median PDV", Unit::seconds, gauge, kPdv,
     "Half of the packets were at most this much slower than the fastest."},
    {"pdv.p95", "95th percentile of PDV", Unit::seconds, gauge, kPdv,
     "A playout buffer of this size loses one packet in twenty."},
    {"pdv.p99", "99th percentile of PDV", Unit::seconds, gauge, kPdv,
     "A playout buffer of this size loses one packet in a hundred."},
    {"pdv.spread", "P95 less P50 of delay", Unit::seconds, gauge, "RFC 5481 §4.2, 95th less 50th percentile",
     "How far slow packets are behind ordinary ones; needs no true minimum."},
    {"loss.ratio", "loss", Unit::share, ratio,
     "RFC 7680 §4.1 (one way), RFC 6673 (round trip); what this host dropped is left out",
     "Lost packets out of all that were measured."},
    {"packets.sent", "packets sent", Unit::packets, count, "RFC 7680", "How many packets the sender sent."},
    {"packets.received", "packets received", Unit::packets, count, "RFC 7680 §2",
     "How many of them arrived within the loss threshold, copies not counted."},
    {"packets.lost", "packets lost", Unit::packets, count,
     "RFC 7680 §2: first copy later than scheduled time and loss threshold",
     "How many did not arrive in time and were not dropped by this host."},
    {"packets.duplicates", "duplicates", Unit::packets, count, "RFC 5560: copies beyond the first",
     "How many further copies of packets arrived in time."},
    {"packets.reordered", "reordered packets", Unit::packets, count, "RFC 4737 §3.3, by next expected number",
     "How many packets arrived after one that had been sent later."},
    {"packets.dropped_here", "packets dropped by this host", Unit::packets, count,
     "socket overflow (SO_RXQ_OVFL); not measured, never loss",
     "How many packets came but found no room in our own socket: this host is too slow, not the network."},
    {"packets.sent_late", "packets sent late", Unit::packets, count,
     "sent more than 1 ms after the scheduled time; left out of IPDV",
     "How many packets left more than 1 ms late: this host or the far one was busy."},
    {"duplicates.ratio", "duplication", Unit::share, ratio, "RFC 5560, further copies by packets that arrived",
     "Further copies out of packets that arrived."},
    {"reordering.ratio", "reordering", Unit::share, ratio, "RFC 4737 §4.1, reordered by packets that arrived",
     "Reordered packets out of packets that arrived."},
    {"reordering.extent", "greatest reordering extent", Unit::packets, gauge, "RFC 4737 §4.2",
     "How many places at most a packet came late; a receiver must hold as many."},
    {"reordering.n1", "1-reordered packets", Unit::packets, count,
     "RFC 4737 §5, m for n = 1; the degree is this by packets that arrived",
     "Packets right behind one that had been sent later."},
    {"reordering.n2", "2-reordered packets", Unit::packets, count,
     "RFC 4737 §5, m for n = 2; the degree is this by packets that arrived",
     "Packets behind two that had been sent later."},
    {"reordering.n3", "3-reordered packets", Unit::packets, count,
     "RFC 4737 §5, m for n = 3; the degree is this by packets that arrived",
     "Packets behind three that had been sent later: TCP takes these for lost."},
    {"loss.periods", "loss periods", Unit::packets, count, "RFC 3357 §6.2, number of loss periods",
     "How many times loss began; many lost packets in few periods is bursty loss."},
    {"loss.period_max", "longest loss period", Unit::packets, gauge, "RFC 3357 §6.3, greatest loss period length",
     "How many packets in a row were lost at most."},
    {"loss.distance_mean", "mean loss distance", Unit::packets, gauge,
     "RFC 3357 §5, mean over lost packets after the first",
     "How many packets apart losses are; undefined with fewer than two."},
    {"hops.min", "fewest hops", Unit::hops, gauge, "sent hop limit less the received one",
     "The shortest way that a packet took."},
    {"hops.max", "most hops", Unit::hops, gauge, "sent hop limit less the received one",
     "The longest way that a packet took; more than the fewest = the route changed."},
    {"slip.p99", "99th percentile of sending slip", Unit::seconds, gauge, "sent less scheduled time",
     "How late the slowest one in a hundred packets left: own health, not the network's."},
});

consteval const Metric& entry(std::string_view key) {
  for (const Metric& metric : kStandard) {
    if (metric.key == key) return metric;
  }
  throw "no such metric";
}

}  // namespace

std::string_view symbol(Unit unit) {
  switch (unit) {
    case Unit::none:
      return "";
    case Unit::seconds:
      return "s";
    case Unit::share:
      return "%";
    case Unit::packets:
      return "packets";
    case Unit::octets:
      return "octets";
    case Unit::bits_per_second:
      return "bit/s";
    case Unit::octets_per_second:
      return "octets/s";
    case Unit::packets_per_second:
      return "packets/s";
    case Unit::hops:
      return "hops";
    case Unit::parts_per_million:
      return "ppm";
  }
  return "";
}

std::span<const Metric> standard_metrics() { return kStandard; }

const Metric* find_standard_metric(std::string_view key) {
  const auto found = std::ranges::find(kStandard, key, &Metric::key);
  return found == kStandard.end() ? nullptr : &*found;
}

namespace metric {
constinit const Metric& delay_min = entry("delay.min");
constinit const Metric& delay_mean = entry("delay.mean");
constinit const Metric& delay_p10 = entry("delay.p10");
constinit const Metric& delay_p25 = entry("delay.p25");
constinit const Metric& delay_p50 = entry("delay.p50");
constinit const Metric& delay_p75 = entry("delay.p75");
constinit const Metric& delay_p90 = entry("delay.p90");
constinit const Metric& delay_p95 = entry("delay.p95");
constinit const Metric& delay_p99 = entry("delay.p99");
constinit const Metric& delay_max = entry("delay.max");
constinit const Metric& delay_p50_lost_infinite = entry("delay.p50_lost_infinite");
constinit const Metric& delay_p95_lost_infinite = entry("delay.p95_lost_infinite");
constinit const Metric& ipdv_p50 = entry("ipdv.p50");
constinit const Metric& ipdv_p95 = entry("ipdv.p95");
constinit const Metric& ipdv_p99 = entry("ipdv.p99");
constinit const Metric& ipdv_abs_mean = entry("ipdv.abs_mean");
constinit const Metric& pdv_p50 = entry("pdv.p50");
constinit const Metric& pdv_p95 = entry("pdv.p95");
constinit const Metric& pdv_p99 = entry("pdv.p99");
constinit const Metric& pdv_spread = entry("pdv.spread");
constinit const Metric& loss_ratio = entry("loss.ratio");
constinit const Metric& sent = entry("packets.sent");
constinit const Metric& received = entry("packets.received");
constinit const Metric& lost = entry("packets.lost");
constinit const Metric& duplicates = entry("packets.duplicates");
constinit const Metric& reordered = entry("packets.reordered");
constinit const Metric& dropped_here = entry("packets.dropped_here");
constinit const Metric& sent_late = entry("packets.sent_late");
constinit const Metric& duplicate_ratio = entry("duplicates.ratio");
constinit const Metric& reordered_ratio = entry("reordering.ratio");
constinit const Metric& reordering_extent = entry("reordering.extent");
constinit const Metric& n_reordering_1 = entry("reordering.n1");
constinit const Metric& n_reordering_2 = entry("reordering.n2");
constinit const Metric& n_reordering_3 = entry("reordering.n3");
constinit const Metric& loss_periods = entry("loss.periods");
constinit const Metric& loss_period_max = entry("loss.period_max");
constinit const Metric& loss_distance_mean = entry("loss.distance_mean");
constinit const Metric& hops_min = entry("hops.min");
constinit const Metric& hops_max = entry("hops.max");
constinit const Metric& slip_p99 = entry("slip.p99");
}  // namespace metric

}  // namespace sonde
