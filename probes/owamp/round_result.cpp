#include "probes/owamp/round_result.h"

#include <algorithm>

#include "core/statistics/sample.h"

namespace sonde::owamp {
namespace {

/// Both ends send with the greatest hop limit there is (RFC 4656 §4.1.2), so what is missing is hops.
constexpr std::uint8_t kSentHopLimit = 255;

/// The worst bound that the peer's error estimates claim; unknown as soon as one of them is.
class RemoteClock {
 public:
  void add(amp::ErrorEstimate estimate) {
    any_ = true;
    const auto bound = amp::error_bound(estimate);
    if (!bound) return void(unknown_ = true);
    worst_ = std::max(worst_, *bound);
  }
  ClockQuality quality() const {
    if (!any_) return {std::nullopt, false, true, "the peer told nothing"};
    if (unknown_) return {std::nullopt, false, true, "the peer says it is not synchronised"};
    return {worst_, true, true, "the peer's error estimates"};
  }

 private:
  Duration worst_{};
  bool any_ = false, unknown_ = false;
};

/// `stamp(sequence, record)` tells when a packet of ours or theirs was sent, or none where it is not to be counted.
template <typename Stamp>
std::vector<PacketRecord> packet_records(const Plan& plan, const std::vector<Record>& records, Stamp stamp) {
  std::vector<PacketRecord> packets;
  packets.reserve(records.size());
  for (const Record& record : records) {
    if (record.sequence >= plan.due.size()) continue;
    const UtcTime due = plan.due[record.sequence];
    const std::optional<UtcTime> sent = stamp(record, due);
    if (!sent) continue;
    PacketRecord packet{record.sequence, due, *sent, {}, 0};
    if (!record.lost()) {
      packet.received = amp::to_utc(record.received, due);
      packet.hop_limit = record.hop_limit;
    }
    packets.push_back(packet);
  }
  return packets;
}

std::vector<PacketRecord> forward_packets(const ForwardSession& forward) {
  // Our own stamps are what the wire said, and known of lost packets too. What never left here is not counted.
  return packet_records(forward.plan, forward.records,
                        [&](const Record& record, UtcTime) { return forward.sender->sent(record.sequence); });
}

std::vector<PacketRecord> reverse_packets(const ReverseSession& reverse, std::optional<UtcTime> end) {
  return packet_records(reverse.plan, reverse.receiver->records(),
                        [&](const Record& record, UtcTime due) -> std::optional<UtcTime> {
                          if (end && due >= *end) return std::nullopt;
                          return amp::to_utc(record.sent, due);
                        });
}

bool same_host(const IpAddress& target, ProbeContext& context) {
  return target.is_loopback() || context.network.source_for(target) == target;
}

Result base_result(const TimeRange& window, const RunOrder& order, const Settings& settings, ProbeContext& context) {
  Result result;
  result.test = order.spec.id;
  result.revision = order.spec.revision;
  result.run = order.run;
  result.probe = "owamp";
  result.begin = window.begin;
  result.end = window.end;
  result.continuous = settings.step > Duration::zero();
  result.step = settings.step;
  result.local_clock = context.clock.quality();
  result.time_in_doubt = !result.local_clock.believed;
  result.remote_address = order.target;
  result.own_clocks_only = same_host(order.target, context);
  result.parameters = parameters(settings);
  return result;
}

TimeRange window_of(const Round& round) {
  const UtcTime begin = round.order.begin.value_or(round.begin);
  return {begin, round.order.end.value_or(round.last_due() + Duration{1})};
}

SampleRules rules_for(const Result& result, const Settings& settings, std::uint64_t dropped_here) {
  SampleRules rules;
  rules.loss_threshold = settings.loss_threshold;
  rules.local_bound = result.local_clock.bound;
  rules.remote_bound = result.remote_clock.bound;
  rules.same_clock = result.own_clocks_only;
  rules.dropped_here = dropped_here;
  rules.sent_hop_limit = kSentHopLimit;
  return rules;
}

std::optional<Duration> add(Result& result, Direction direction, const std::vector<PacketRecord>& packets,
                            const SampleRules& rules) {
  if (packets.empty()) return std::nullopt;
  Sample sample = summarise(direction, packets, rules);
  result.directions.push_back(std::move(sample.result));
  std::ranges::move(sample.statistics, std::back_inserter(result.statistics));
  return sample.slip_p99;
}

void judge_remote_clock(Result& result, const Round& round) {
  RemoteClock remote;
  if (round.forward)
    for (const Record& record : round.forward->records)
      if (!record.lost()) remote.add(record.receive_error);
  if (round.reverse && round.reverse->receiver)
    for (const Record& record : round.reverse->receiver->records())
      if (!record.lost()) remote.add(record.send_error);
  result.remote_clock = remote.quality();
}

void say(Result& result, const std::string& sentence) {
  if (!result.sentence.empty()) result.sentence += ' ';
  result.sentence += sentence;
}

/// A direction in which nothing arrived although the control connection works.
void explain_silence(Result& result, const Round& round, const Settings& settings) {
  for (const DirectionResult& direction : result.directions) {
    if (direction.counts.received > 0 || direction.counts.lost == 0) continue;
    const bool forward = direction.direction == Direction::forward;
    if (forward && round.port_closed) {
      say(result, "The peer's host says that nobody listens on UDP port " + std::to_string(round.forward->server.port) +
                      ", where our packets went: its server is broken.");
      continue;
    }
    if (!forward && round.reverse->receiver->count(Receiver::Verdict::off_time) > 0) {
      say(result, "Packets of the peer came, but their stamps are more than " +
                      format_duration(settings.loss_threshold) +
                      " off: one of the two clocks is wrong. Look at the time page of both ends.");
      continue;
    }
    const Endpoint& server = forward ? round.forward->server : round.reverse->server;
    say(result, std::string(forward ? "No packet from here reached the peer" : "No packet of the peer came here") +
                    ", although the control connection works: a firewall on the way may drop UDP between " +
                    round.local.text() + " and " + server.text() + ". Ask for this node's test ports to be opened.");
  }
}

void add_directions(Result& result, const Round& round, const Settings& settings) {
  judge_remote_clock(result, round);
  if (round.forward && round.forward->fetched) {
    const auto packets = forward_packets(*round.forward);
    result.health.slip_p99 = add(result, Direction::forward, packets, rules_for(result, settings, 0));
  }
  if (!round.reverse || !round.reverse->receiver) return;
  const ReverseSession& reverse = *round.reverse;
  result.stamp = reverse.stamp;
  result.health.socket_drops = reverse.dropped_here;
  if (reverse.trusted)
    add(result, Direction::reverse, reverse_packets(reverse, round.order.end),
        rules_for(result, settings, reverse.dropped_here));
  else
    say(result, "The peer does not vouch for the packets it sent, so they are not counted.");
}

void add_ends(Result& result, const Round& round) {
  result.local_address = round.local.address;
  result.parameters["test_port"] = std::to_string(round.local.port);
  if (round.forward) result.parameters["peer_receives_at"] = std::to_string(round.forward->server.port);
  if (round.reverse && round.reverse->receiver)
    result.parameters["peer_sends_from"] = std::to_string(round.reverse->server.port);
}

}  // namespace

Result result_of(const Round& round, const RunOrder& order, const Settings& settings, ProbeContext& context) {
  Result result = base_result(window_of(round), order, settings, context);
  result.health.clock_stepped = round.clock_stepped;
  add_ends(result, round);
  if (!round.failure.empty()) say(result, round.failure);
  for (const std::string& note : round.notes) say(result, note);
  add_directions(result, round, settings);
  explain_silence(result, round, settings);
  if (result.directions.empty()) {
    result.outcome = Outcome::failed;
    if (result.sentence.empty()) result.sentence = "Nothing was measured: no packet was due in this time.";
  } else if (settings.forward && result.directions.front().direction != Direction::forward) {
    say(result, "What the peer received is not known for this time.");
  }
  if (round.forward && round.forward->sender && round.forward->sender->refused_here() > 0)
    say(result, "This host did not let " + std::to_string(round.forward->sender->refused_here()) +
                    " of its own packets go; they are not counted.");
  return result;
}

Result live_result(const Round& round, const ReverseSession& reverse, const RunOrder& order, const Settings& settings,
                   ProbeContext& context) {
  Result result = base_result(window_of(round), order, settings, context);
  add_ends(result, round);
  result.stamp = reverse.stamp;
  judge_remote_clock(result, round);
  add(result, Direction::reverse, reverse_packets(reverse, round.order.end), rules_for(result, settings, 0));
  result.sentence = "So far, and only from the peer to here: the other direction follows once it is fetched.";
  return result;
}

Result failed_result(const TimeRange& window, const std::string& sentence, const RunOrder& order,
                     const Settings& settings, ProbeContext& context) {
  Result result = base_result(window, order, settings, context);
  result.outcome = Outcome::failed;
  result.sentence = sentence;
  return result;
}

}  // namespace sonde::owamp
