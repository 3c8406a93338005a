#include "probes/throughput/run_result.h"

#include <algorithm>

#include "core/statistics/statistic_list.h"
#include "probes/throughput/limit.h"
#include "probes/throughput/metrics.h"

namespace sonde::throughput {
namespace {

/// Beyond this share of difference the two counts do not agree.
constexpr double kAgree = 0.001;

void add(Result& result, const Metric& metric, Direction direction, std::optional<double> value, Basis basis,
         std::string why = {}) {
  result.statistics.push_back({&metric, direction, {}, value, {}, value ? basis : Basis::none, std::move(why)});
}

void append(Result& result, StatisticList& list) {
  for (Statistic& one : list.take()) result.statistics.push_back(std::move(one));
}

void add_counts(Result& result, const DirectionSum& sum, Direction direction, bool udp) {
  add(result, own::octets_sent, direction, static_cast<double>(sum.sent_octets), Basis::exact_count);
  if (sum.receiver_known)
    add(result, own::octets_received, direction, static_cast<double>(sum.received_octets), Basis::exact_count);
  if (!udp) {
    if (sum.retransmits)
      add(result, own::retransmits, direction, static_cast<double>(*sum.retransmits), Basis::exact_count);
    return;
  }
  const double dropped = static_cast<double>(sum.dropped_here);
  const double lost = std::max(0.0, static_cast<double>(sum.lost) - dropped);
  const double counted = static_cast<double>(sum.packets) - dropped;
  add(result, metric::sent, direction, static_cast<double>(sum.packets), Basis::exact_count);
  add(result, metric::lost, direction, lost, Basis::exact_count);
  add(result, metric::dropped_here, direction, dropped, Basis::exact_count);
  StatisticList list(direction, {});
  list.ratio(metric::loss_ratio, static_cast<std::uint64_t>(lost), static_cast<std::uint64_t>(std::max(0.0, counted)),
             "datagrams");
  append(result, list);
  add(result, own::jitter, direction, sum.jitter_seconds, Basis::sampling);
}

void add_order(Result& result, const Report& report) {
  double out_of_order = 0, copies = 0;
  for (std::size_t i = 0; i < report.last.size(); ++i) {
    out_of_order += static_cast<double>(report.last[i].out_of_order - report.base[i].out_of_order);
    copies += static_cast<double>(report.last[i].duplicates - report.base[i].duplicates);
  }
  add(result, metric::reordered, Direction::reverse, out_of_order, Basis::exact_count);
  add(result, metric::duplicates, Direction::reverse, copies, Basis::exact_count);
}

/// The sender's kernel tells how it fared; known of our own sending alone.
void add_sender(Result& result, const Report& report) {
  double round_trips = 0, samples = 0, window = 0, least = 0;
  for (const IntervalReading& reading : report.intervals) {
    double together = 0;
    for (const StreamInterval& stream : reading.streams) {
      if (!stream.tcp || reading.omitted) continue;
      round_trips += to_seconds(stream.tcp->round_trip);
      ++samples;
      together += static_cast<double>(stream.tcp->window_octets);
    }
    window = std::max(window, together);
  }
  double busy = 0, peer_window = 0, buffer = 0, streams = 0;
  for (const Moved& moved : report.last) {
    if (!moved.tcp) continue;
    ++streams;
    busy += to_seconds(moved.tcp->busy);
    peer_window += to_seconds(moved.tcp->peer_window_limited);
    buffer += to_seconds(moved.tcp->send_buffer_limited);
    const double trip = to_seconds(moved.tcp->least_round_trip);
    least = least == 0 ? trip : std::min(least, trip);
  }
  if (streams == 0) return;
  const double whole = report.intervals.empty() ? 0 : to_seconds(report.intervals.back().end) * streams;
  if (samples > 0) add(result, own::tcp_round_trip, Direction::forward, round_trips / samples, Basis::sampling);
  add(result, own::tcp_least_round_trip, Direction::forward, least, Basis::sampling);
  if (window > 0) add(result, own::window_max, Direction::forward, window, Basis::sampling);
  if (whole > 0) add(result, own::busy, Direction::forward, std::min(1.0, busy / whole), Basis::sampling);
  if (busy > 0) {
    add(result, own::peer_window_limited, Direction::forward, peer_window / busy, Basis::sampling);
    add(result, own::send_buffer_limited, Direction::forward, buffer / busy, Basis::sampling);
  }
}

/// Both medians may err at once, so the ends of the difference are those furthest apart.
std::optional<Estimate> added(const std::optional<Estimate>& idle, const std::optional<Estimate>& loaded) {
  if (!idle || !loaded) return std::nullopt;
  Estimate added{.value_ns = loaded->value_ns - idle->value_ns, .low_ns = {}, .high_ns = {}};
  if (loaded->low_ns && idle->high_ns) added.low_ns = *loaded->low_ns - *idle->high_ns;
  if (loaded->high_ns && idle->low_ns) added.high_ns = *loaded->high_ns - *idle->low_ns;
  return added;
}

void add_latency(Result& result, const LatencyBeside::Summary& latency) {
  StatisticList list(Direction::round_trip, {.one_clock = true, .bound = Duration::zero()});
  list.delay(own::latency_idle, latency.idle, latency.why);
  list.delay(own::latency_loaded, latency.loaded, latency.why);
  list.delay(own::latency_added, added(latency.idle, latency.loaded), latency.why);
  append(result, list);
  result.parameters["pings_answered"] =
      std::to_string(latency.idle_answers) + " idle, " + std::to_string(latency.loaded_answers) + " under load";
}

std::string disagreement(const DirectionSum& sum, bool udp) {
  if (!sum.receiver_known) return "What the receiver counted is not known.";
  const auto sent = static_cast<double>(sum.sent_octets), got = static_cast<double>(sum.received_octets);
  if (udp || sent == 0 || std::abs(sent - got) <= kAgree * sent) return {};
  return "The two ends do not agree: " + std::to_string(sum.sent_octets) + " octets were sent, " +
         std::to_string(sum.received_octets) +
         " received; what was still under way at the end was not counted by the receiver.";
}

void say(Result& result, const std::string& sentence) {
  if (sentence.empty()) return;
  if (!result.sentence.empty()) result.sentence += ' ';
  result.sentence += sentence;
}

void add_direction(Result& result, const Report& report, Role role) {
  const Direction direction = role == Role::send ? Direction::forward : Direction::reverse;
  const auto sum = sum_of(report, role);
  if (!sum) return;
  const bool known = sum->receiver_known && sum->seconds > 0;
  add(result, own::rate, direction, known ? std::optional(sum->rate_bps()) : std::nullopt, Basis::exact_count,
      known ? "" : "nothing arrived that counts");
  add_counts(result, *sum, direction, report.parameters.udp);
  if (report.outcome == Outcome::done) say(result, disagreement(*sum, report.parameters.udp));
}

/// What moved in one direction in one interval, over its streams; empty when no stream goes that way.
std::optional<IntervalSample> sample_of(const Report& report, const IntervalReading& reading, Role role) {
  std::optional<IntervalSample> sample;
  Duration round_trips{};
  std::int64_t timed = 0;
  for (std::size_t i = 0; i < reading.streams.size(); ++i) {
    if (report.plan.flows[i].role != role) continue;
    const StreamInterval& stream = reading.streams[i];
    if (!sample) sample.emplace();
    sample->octets += stream.octets;
    if (stream.retransmits) sample->retransmits = sample->retransmits.value_or(0) + *stream.retransmits;
    if (report.plan.udp && role == Role::receive)
      sample->lost = sample->lost.value_or(0) + static_cast<std::uint64_t>(std::max<std::int64_t>(stream.lost, 0));
    if (!stream.tcp) continue;
    round_trips += stream.tcp->round_trip;
    ++timed;
    sample->window_octets = sample->window_octets.value_or(0) + stream.tcp->window_octets;
  }
  if (!sample) return sample;
  sample->begin = reading.begin;
  sample->end = reading.end;
  sample->omitted = reading.omitted;
  sample->direction = role == Role::send ? Direction::forward : Direction::reverse;
  if (timed > 0) sample->round_trip = round_trips / timed;
  return sample;
}

}  // namespace

Result result_of(const Report& report, const RunOrder& order, const Settings& settings, ProbeContext& context) {
  Result result;
  result.test = order.spec.id;
  result.revision = order.spec.revision;
  result.run = order.run;
  result.probe = "throughput";
  result.begin = report.data_begin != UtcTime{} ? report.data_begin : report.begin;
  result.end = report.end;
  result.outcome = report.outcome;
  result.sentence = report.sentence;
  result.local_clock = context.clock.quality();
  result.time_in_doubt = !result.local_clock.believed;
  result.remote_address = order.target;
  result.local_address = report.local.address;
  result.own_clocks_only = order.target.is_loopback() || context.network.source_for(order.target) == order.target;
  result.parameters = parameters(settings);
  if (report.data_begin == UtcTime{}) return result;
  result.parameters["copy_mode"] = report.copy_mode;
  if (!report.own.congestion.empty()) result.parameters["congestion"] = report.own.congestion;
  if (report.remote && !report.remote->congestion.empty())
    result.parameters["peer_congestion"] = report.remote->congestion;
  add_direction(result, report, Role::send);
  add_direction(result, report, Role::receive);
  for (const IntervalReading& reading : report.intervals)
    for (const Role role : {Role::send, Role::receive})
      if (auto sample = sample_of(report, reading, role)) result.intervals.push_back(*sample);
  if (!report.parameters.udp) add_sender(result, report);
  if (report.parameters.udp && sum_of(report, Role::receive)) add_order(result, report);
  if (report.latency) add_latency(result, *report.latency);
  add(result, own::cpu, Direction::local, report.own.cpu_total / 100, Basis::sampling);
  if (std::string limit = limit_sentence(result, report.parameters); !limit.empty() && result.outcome == Outcome::done)
    result.parameters["limit"] = std::move(limit);
  return result;
}

}  // namespace sonde::throughput
