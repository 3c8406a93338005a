#include "probes/trace/session.h"

#include <algorithm>
#include <cerrno>

#include "core/base/error.h"

namespace sonde::trace {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kFirstTargetPort = 33434;  // where hosts have no service: traceroute's own since 1988
// Above what kernels hand out by themselves (60999), so that the ports of a test are free at each of its runs.
constexpr std::uint16_t kFirstSourcePort = 61000, kSourcePorts = 4000, kPortTries = 16;
constexpr std::uint8_t kMostSilent = 8;
constexpr int kDestinationUnreachable4 = 3, kDestinationUnreachable6 = 1;
constexpr int kPortUnreachable4 = 3, kPortUnreachable6 = 4;

/// FNV-1a: the same for ever, unlike std::hash, so that flows outlive restarts and updates.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

TraceSession::TraceSession(const RunOrder& order, const Plan& plan, ProbeContext& context)
    : order_(order), plan_(plan), context_(context), first_port_(order.port.value_or(kFirstTargetPort)) {}

void TraceSession::on_start(Now now, Outbox& out) {
  cookie_ = static_cast<std::uint32_t>(context_.random.next()) | 1;  // zero means "cut off" in a quoted request
  begin_ = now.steady;
  anchor_ = context_.clock.anchor();
  if (!open(out)) return conclude(out, "Probes cannot be sent: " + send_error_ + ".");
  for (std::uint8_t flow = 0; flow < kFlows; ++flow) walk_on(flow, now, out);
  settle(now, out);
}

/// The flows of a test are the same ones at each of its runs.
bool TraceSession::open(Outbox& out) {
  const std::string& identity = order_.spec.id.empty() ? order_.target.text() : order_.spec.id;
  const std::uint64_t hash = stable_hash(identity);
  for (std::size_t flow = 0; flow < kFlows; ++flow)
    checksums_[flow] = static_cast<std::uint16_t>((hash >> (16 * flow)) % 0xffff);
  const auto source = IpAddress::parse(order_.spec.source);
  local_ = source.value_or(context_.network.source_for(order_.target).value_or(IpAddress{}));
  PacketOptions options{.local = {source.value_or(IpAddress::any(order_.target.family())), 0},
                        .traffic_class = static_cast<std::uint8_t>(order_.spec.type_p.dscp << 2),
                        .without_flow_label = true};
  Opened opened;
  for (std::uint16_t i = 0; i <= kPortTries && !opened; ++i) {
    const bool any = plan_.icmp || i == kPortTries;
    options.local.port = any ? 0 : static_cast<std::uint16_t>(kFirstSourcePort + (hash + i) % kSourcePorts);
    opened = plan_.icmp ? out.open_icmp(options) : out.open_udp(options);
    if (any) break;
  }
  socket_ = opened.id;
  source_port_ = opened.local.port;
  send_error_ = opened.error;
  return static_cast<bool>(opened);
}

SteadyTime TraceSession::next_deadline() const { return std::ranges::min(flows_, {}, &Flow::deadline).deadline; }

void TraceSession::on_deadline(Now now, Outbox& out) {
  for (std::uint8_t flow = 0; flow < kFlows; ++flow)
    if (flows_[flow].deadline <= now.steady) give_up(flow, now, out);
  settle(now, out);
}

Duration TraceSession::patience() const {
  return slowest_ == Duration::zero() ? plan_.wait : std::min<Duration>(plan_.wait, 3 * slowest_ + 100ms);
}

void TraceSession::send(std::uint8_t index, Now now, Outbox& out) {
  Flow& flow = flows_[index];
  if (hops_.size() < flow.hop) hops_.resize(flow.hop);
  const Probe probe{cookie_, flow.hop, index, flow.round};
  hops_[flow.hop - 1U][index].sent[flow.round] = context_.clock.utc_now();
  int error = send_probe(probe, out);
  // The answer to an earlier probe is sometimes handed out in place of sending; it comes as a datagram too.
  if (error == EHOSTUNREACH || error == ECONNREFUSED) error = send_probe(probe, out);
  if (error != 0) send_error_ = errno_text(error);
  if (error != 0 && error != EAGAIN && error != ENOBUFS) {
    flow.done = true;
    return;
  }
  flow.waiting = true;
  flow.deadline = now.steady + patience();
}

int TraceSession::send_probe(const Probe& probe, Outbox& out) {
  if (plan_.icmp)
    return out.send_within(
        socket_, {order_.target, 0},
        encode_echo(order_.target.family(), probe, out.echo_identifier(socket_), checksums_[probe.flow]), probe.hop);
  const auto port = static_cast<std::uint16_t>(first_port_ + probe.flow);
  return out.send_within(socket_, {order_.target, port}, encode_payload(probe), probe.hop);
}

void TraceSession::walk_on(std::uint8_t index, Now now, Outbox& out) {
  Flow& flow = flows_[index];
  flow.waiting = false;
  flow.deadline = kNever;
  // Round 1 asks one hop again and walks no further.
  if (flow.round > 0 || flow.hop >= plan_.most_hops || flow.silent >= kMostSilent) {
    flow.done = true;
    return;
  }
  ++flow.hop;
  send(index, now, out);
  context_.progress(-1, "hop " + std::to_string(hops_.size()));
}

void TraceSession::give_up(std::uint8_t index, Now now, Outbox& out) {
  Flow& flow = flows_[index];
  ++flow.silent;
  // Where another flow found the target, this one's probe or its answer was lost: behind it there is nothing.
  const int target_at = reached_at(hops_);
  if (target_at != 0 && flow.hop >= target_at) flow.silent = kMostSilent;
  walk_on(index, now, out);
}

std::optional<Probe> TraceSession::probe_of(const Datagram& datagram) const {
  const Family family = order_.target.family();
  if (datagram.error == 0 && datagram.from.address != order_.target) return std::nullopt;
  std::optional<Probe> probe;
  if (plan_.icmp) {
    probe = datagram.error == 0 ? decode_reply(family, datagram.payload) : decode_request(family, datagram.payload);
  } else {
    const int flow = datagram.from.port - first_port_;
    if (flow < 0 || flow >= kFlows) return std::nullopt;
    if (datagram.error != 0) probe = decode_payload(datagram.payload);
    // Routers may quote no more than the UDP header, and a service answers with what it likes: then it can only be the
    // one probe of this flow that waits.
    const Flow& walker = flows_[static_cast<std::size_t>(flow)];
    const bool told_nothing = datagram.error == 0 || datagram.payload.size() < 8;
    if (!probe && told_nothing && walker.waiting)
      return Probe{cookie_, walker.hop, static_cast<std::uint8_t>(flow), walker.round};
    if (probe && probe->flow != flow) return std::nullopt;
  }
  if (!probe || (probe->cookie != cookie_ && probe->cookie != 0) || probe->hop > hops_.size()) return std::nullopt;
  return hops_[probe->hop - 1U][probe->flow].sent[probe->round] ? probe : std::nullopt;
}

/// Anything but "time exceeded" says that the way ends here.
bool TraceSession::is_end(const Datagram& datagram) const {
  if (datagram.error == 0) return true;
  const bool v4 = order_.target.family() == Family::v4;
  return datagram.icmp_type == (v4 ? kDestinationUnreachable4 : kDestinationUnreachable6);
}

void TraceSession::on_datagram(SocketId, const Datagram& datagram, Now now, Outbox& out) {
  // An error without a reporter is this host's own, told at sending already.
  if (datagram.error != 0 && datagram.icmp_type < 0) return;
  const auto probe = probe_of(datagram);
  if (!probe) return;
  note(*probe, datagram, now, out);
  settle(now, out);
}

void TraceSession::note(const Probe& probe, const Datagram& datagram, Now now, Outbox& out) {
  ProbeRecord& record = hops_[probe.hop - 1U][probe.flow];
  if (record.answer) return;
  const Duration round_trip = datagram.arrival - *record.sent[probe.round];
  const IpAddress who = datagram.error == 0 ? datagram.from.address : datagram.reporter;
  const bool v4 = order_.target.family() == Family::v4;
  const bool port_closed = datagram.icmp_code == (v4 ? kPortUnreachable4 : kPortUnreachable6);
  record.answer = RouteAnswer{who, round_trip, probe.flow, datagram.icmp_type, datagram.icmp_code};
  record.end = is_end(datagram);
  // A target with several addresses refuses from another one.
  record.reached = record.end && (who == order_.target || (!plan_.icmp && port_closed));
  slowest_ = std::max(slowest_, round_trip);
  stamp_ = datagram.stamp;
  Flow& flow = flows_[probe.flow];
  if (record.end) {
    flow = Flow{.hop = flow.hop, .round = flow.round, .silent = flow.silent, .waiting = false, .done = true};
    return;
  }
  const bool current = flow.waiting && flow.hop == probe.hop && flow.round == probe.round;
  if (current) flow.silent = 0;
  if (current) walk_on(probe.flow, now, out);
}

/// When all flows have come to an end: a silent hop just before the target is asked once more, so that three lost
/// probes do not make the way look longer than it is.
void TraceSession::settle(Now now, Outbox& out) {
  if (!std::ranges::all_of(flows_, &Flow::done)) return;
  const int target_at = reached_at(hops_);
  const auto before = static_cast<std::size_t>(target_at - 2);
  if (target_at < 2 || !is_silent(hops_[before]) || hops_[before][0].sent[1]) return conclude(out, {});
  for (std::uint8_t index = 0; index < kFlows; ++index) {
    flows_[index] = Flow{.hop = static_cast<std::uint8_t>(target_at - 1), .round = 1};
    send(index, now, out);
  }
  settle(now, out);
}

void TraceSession::on_clock_step(Duration step, Now, Outbox& out) {
  clock_stepped_ = true;
  conclude(out, "The clock was stepped by " + format_duration(step) + " during the run, which ended there.");
}

void TraceSession::on_stop(Now, Outbox& out) { conclude(out, "Stopped before its end."); }

void TraceSession::conclude(Outbox& out, std::string sentence) {
  Result result;
  result.begin = anchor_.to_utc(begin_);
  result.end = context_.clock.utc_now();
  result.stamp = stamp_;
  result.local_clock = result.remote_clock = context_.clock.quality();
  result.own_clocks_only = true;
  result.local_address = local_;
  result.remote_address = order_.target;
  result.health.clock_stepped = clock_stepped_;
  result.parameters = {{"protocol", plan_.icmp ? "icmp" : "udp"},
                       {"flows", std::to_string(kFlows)},
                       {"max_hops", std::to_string(plan_.most_hops)},
                       {"size", order_.target.family() == Family::v4 ? "40 octets" : "60 octets"}};
  if (!plan_.icmp)
    result.parameters["ports"] = std::to_string(source_port_) + " to " + std::to_string(first_port_) + "-" +
                                 std::to_string(first_port_ + kFlows - 1);
  const std::string who = order_.target_name.empty() ? order_.target.text() : order_.target_name;
  const TracedRoute route = route_of(order_.target, plan_.icmp, hops_);
  const bool whole = sentence.empty();
  result.sentence = whole ? sentence_of(route, who, send_error_) : std::move(sentence);
  // A run that was cut short says nothing about the route behind where it stopped.
  if (!whole || route.hops.empty()) {
    result.outcome = Outcome::failed;
  } else {
    append_statistics(route, result.statistics);
    result.route = route;
  }
  context_.report(std::move(result));
  out.finish();
}

}  // namespace sonde::trace
