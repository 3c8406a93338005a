#include "test/scenario/owamp_truth.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/statistics/delay_histogram.h"

namespace sonde::test {
namespace {

constexpr std::int64_t kFrom1900 = 2'208'988'800;

std::uint64_t number(const Bytes& data, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | std::to_integer<std::uint64_t>(data[at + i]);
  return value;
}

/// Sequence and stamp of an OWAMP test packet in open mode, read by hand.
std::pair<std::uint32_t, UtcTime> read_packet(const Bytes& head) {
  const std::uint64_t fraction = number(head, 8, 4);
  const auto nanoseconds = static_cast<std::int64_t>(std::llround(static_cast<long double>(fraction) * 1e9L / 0x1p32L));
  return {static_cast<std::uint32_t>(number(head, 0, 4)),
          utc_from_seconds(static_cast<std::int64_t>(number(head, 4, 4)) - kFrom1900) + Duration{nanoseconds}};
}

/// What one direction of a Result is held against.
struct Expected {
  std::vector<const TruePacket*> arrived;  // by sequence
  std::vector<std::int64_t> delays;        // ascending
  std::vector<std::int64_t> variations;    // ascending, of neighbours that both arrived
  std::uint64_t lost = 0, copies = 0, reordered = 0, periods = 0, longest = 0;
};

/// RFC 4737 §3: a packet whose number is below one that came before it.
std::uint64_t count_reordered(std::vector<const TruePacket*> packets) {
  std::ranges::stable_sort(packets, {}, [](const TruePacket* p) { return p->arrivals.front(); });
  std::uint64_t count = 0, next = 0;
  for (const TruePacket* packet : packets) {
    if (packet->sequence < next)
      ++count;
    else
      next = packet->sequence + 1;
  }
  return count;
}

Expected expect(const std::map<std::uint32_t, TruePacket>& truth) {
  Expected e;
  const TruePacket* before = nullptr;
  std::uint64_t run = 0;
  for (const auto& [sequence, packet] : truth) {
    const bool arrived = !packet.arrivals.empty();
    run = arrived ? 0 : run + 1;
    e.periods += run == 1;
    e.longest = std::max(e.longest, run);
    if (arrived) {
      const auto delay = (packet.arrivals.front() - packet.sent).count();
      e.arrived.push_back(&packet);
      e.delays.push_back(delay);
      e.copies += packet.arrivals.size() - 1;
      if (before) e.variations.push_back(delay - (before->arrivals.front() - before->sent).count());
    } else {
      ++e.lost;
    }
    before = arrived ? &packet : nullptr;
  }
  e.reordered = count_reordered(e.arrived);
  std::ranges::sort(e.delays);
  std::ranges::sort(e.variations);
  return e;
}

/// RFC 2330 §11.3: the least value whose share of all is at least p.
double percentile(const std::vector<std::int64_t>& sorted, int p) {
  const auto rank = (sorted.size() * static_cast<std::size_t>(p) + 99) / 100;
  return static_cast<double>(sorted[rank - 1]) * 1e-9;
}

std::map<std::string, double> expected_values(const Expected& e) {
  std::map<std::string, double> values;
  const auto n = static_cast<double>(e.delays.size());
  long double sum = 0, sizes = 0;
  for (const auto delay : e.delays) sum += delay;
  for (const auto variation : e.variations) sizes += std::abs(variation);
  values["delay.min"] = static_cast<double>(e.delays.front()) * 1e-9;
  values["delay.max"] = static_cast<double>(e.delays.back()) * 1e-9;
  values["delay.mean"] = static_cast<double>(sum / n * 1e-9L);
  for (const int p : {10, 25, 50, 75, 90, 95, 99}) values["delay.p" + std::to_string(p)] = percentile(e.delays, p);
  for (const int p : {50, 95, 99}) {
    values["pdv.p" + std::to_string(p)] = values["delay.p" + std::to_string(p)] - values["delay.min"];
    values["ipdv.p" + std::to_string(p)] = percentile(e.variations, p);
  }
  values["pdv.spread"] = values["delay.p95"] - values["delay.p50"];
  values["ipdv.abs_mean"] = static_cast<double>(sizes / static_cast<double>(e.variations.size()) * 1e-9L);
  values["loss.ratio"] = static_cast<double>(e.lost) / (n + static_cast<double>(e.lost));
  values["duplicates.ratio"] = static_cast<double>(e.copies) / n;
  values["reordering.ratio"] = static_cast<double>(e.reordered) / n;
  values["loss.periods"] = static_cast<double>(e.periods);
  values["loss.period_max"] = static_cast<double>(e.longest);
  values["hops.min"] = values["hops.max"] = 0;
  return values;
}

std::string difference_of_values(const Result& result, Direction direction, const Expected& e) {
  for (const auto& [key, wanted] : expected_values(e)) {
    const auto found = std::ranges::find_if(result.statistics, [&, &k = key](const Statistic& s) {
      return s.direction == direction && s.metric->key == k;
    });
    if (found == result.statistics.end() || !found->value) return key + " is missing";
    // A nanosecond, or for shares and means what doubles can hold.
    if (std::abs(*found->value - wanted) > 0.5e-9)
      return key + " is " + std::to_string(*found->value) + ", truly " + std::to_string(wanted);
  }
  return {};
}

std::string difference_of_packets(const DirectionResult& direction, const std::map<std::uint32_t, TruePacket>& truth) {
  std::map<std::uint32_t, std::vector<UtcTime>> arrivals;
  std::set<std::uint32_t> numbers;
  for (const PacketRecord& record : direction.packets) {
    const auto found = truth.find(record.sequence);
    if (found == truth.end()) return "packet " + std::to_string(record.sequence) + " was never sent";
    if (record.sent != found->second.sent || record.scheduled != found->second.sent)
      return "packet " + std::to_string(record.sequence) + " was sent at another time";
    numbers.insert(record.sequence);
    if (record.received) arrivals[record.sequence].push_back(*record.received);
  }
  for (const auto& [sequence, packet] : truth) {
    if (!numbers.contains(sequence)) return "packet " + std::to_string(sequence) + " has no record";
    std::ranges::sort(arrivals[sequence]);
    if (arrivals[sequence] != packet.arrivals)
      return "packet " + std::to_string(sequence) + " came at other times than recorded";
  }
  return {};
}

}  // namespace

std::map<std::uint32_t, TruePacket> true_packets(const SimulatedWorld& world, const Endpoint& from, const Endpoint& to,
                                                 TimeRange window, Duration receiver_offset) {
  std::map<std::uint32_t, TruePacket> packets;
  for (const Truth& truth : world.truth()) {
    if (truth.from != from || truth.to != to) continue;
    const auto [sequence, sent] = read_packet(truth.head);
    if (!window.contains(sent)) continue;
    TruePacket& packet = packets[sequence];
    packet.sequence = sequence;
    packet.sent = sent;
    if (truth.fate == Truth::Fate::delivered) packet.arrivals.push_back(*truth.left + receiver_offset);
    std::ranges::sort(packet.arrivals);
  }
  return packets;
}

std::string difference(const Result& result, const DirectionResult& direction,
                       const std::map<std::uint32_t, TruePacket>& truth, Duration loss_threshold) {
  for (const auto& [sequence, packet] : truth)
    for (const UtcTime at : packet.arrivals)
      if (at > packet.sent + loss_threshold) return "the world holds a packet longer than the threshold";
  if (const std::string packets = difference_of_packets(direction, truth); !packets.empty()) return packets;
  const Expected e = expect(truth);
  const Counts counts{.sent = truth.size(),
                      .received = e.arrived.size(),
                      .lost = e.lost,
                      .duplicated = e.copies,
                      .reordered = e.reordered};
  if (!(direction.counts == counts)) return "the counts differ";
  const auto histogram = DelayHistogram::decode(direction.histogram);
  if (!histogram || histogram->count() != e.delays.size() || histogram->min_ns() != e.delays.front() ||
      histogram->max_ns() != e.delays.back())
    return "the histogram differs";
  return difference_of_values(result, direction.direction, e);
}

}  // namespace sonde::test
