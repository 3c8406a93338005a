#include "probes/ping/session.h"

#include <cerrno>

#include "core/base/error.h"
#include "core/statistics/sample.h"
#include "probes/ping/pinger.h"

namespace sonde::ping {

PingSession::PingSession(const RunOrder& order, const Plan& plan, ProbeContext& context)
    : order_(order), plan_(plan), context_(context), target_{order.target, 0} {}

void PingSession::on_start(Now now, Outbox& out) {
  cookie_ = context_.random.next() | 1;  // zero means "cut off" in a returned request
  begin_ = now.steady;
  anchor_ = context_.clock.anchor();
  const auto source = IpAddress::parse(order_.spec.source);
  const Opened opened = out.open_icmp({.local = {source.value_or(IpAddress::any(order_.target.family())), 0},
                                       .traffic_class = static_cast<std::uint8_t>(order_.spec.type_p.dscp << 2)});
  socket_ = opened.id;
  local_ = source.value_or(context_.network.source_for(order_.target).value_or(IpAddress{}));
  if (!opened) {
    send_error_ = opened.error;
    conclude(out, "Ping cannot be sent: " + opened.error + ".");
  }
}

SteadyTime PingSession::next_deadline() const {
  if (next_ < plan_.count) return begin_ + plan_.interval * next_;
  return begin_ + plan_.interval * (plan_.count - 1) + plan_.loss_threshold;
}

void PingSession::on_deadline(Now now, Outbox& out) {
  if (next_ < plan_.count)
    send_next(now, out);
  else
    conclude(out, failure());
}

void PingSession::send_next(Now now, Outbox& out) {
  const Echo echo{out.echo_identifier(socket_), cookie_, next_};
  const Bytes message = encode_request(order_.target.family(), echo, plan_.payload_octets);
  PacketRecord record;
  record.sequence = next_;
  record.scheduled = anchor_.to_utc(begin_ + plan_.interval * next_);
  record.sent = context_.clock.utc_now();
  const int error = out.send(socket_, target_, message);
  records_.push_back(record);
  errors_.push_back(error);
  ++next_;
  if (error != 0) send_error_ = errno_text(error);
  context_.progress(static_cast<double>(next_) / plan_.count,
                    std::to_string(answered_) + " of " + std::to_string(next_) + " answered");
  (void)now;
}

void PingSession::on_datagram(SocketId, const Datagram& datagram, Now, Outbox& out) {
  if (datagram.error != 0) return take_error(datagram);
  const auto echo = decode_reply(order_.target.family(), datagram.payload);
  if (!echo || echo->cookie != cookie_ || echo->sequence >= next_ || datagram.from.address != order_.target) return;
  stamp_ = datagram.stamp;
  dropped_here_ = out.dropped_here(socket_);
  PacketRecord& first = records_[echo->sequence];
  const auto hops = static_cast<std::uint8_t>(datagram.hop_limit < 0 ? 0 : datagram.hop_limit);
  if (first.received) {
    PacketRecord copy = first;
    copy.received = datagram.arrival;
    copy.hop_limit = hops;
    // A flood of copies must not grow the run without bound.
    if (records_.size() < 4 * static_cast<std::size_t>(plan_.count)) records_.push_back(copy);
    return;
  }
  first.received = datagram.arrival;
  first.hop_limit = hops;
  if (++answered_ == plan_.count) conclude(out, {});
}

void PingSession::take_error(const Datagram& datagram) {
  const auto echo = decode_request(order_.target.family(), datagram.payload);
  if (echo && echo->sequence < errors_.size() && (echo->cookie == cookie_ || echo->cookie == 0))
    errors_[echo->sequence] = datagram.error;
}

void PingSession::on_clock_step(Duration step, Now, Outbox& out) {
  // Round-trip times across a step would be wrong by the step.
  clock_stepped_ = true;
  conclude(out, "The clock was stepped by " + format_duration(step) + " during the run, which ended there.");
}

void PingSession::on_stop(Now, Outbox& out) { conclude(out, "Stopped before its end."); }

void PingSession::conclude(Outbox& out, std::string sentence) {
  Result result = describe();
  result.sentence = std::move(sentence);
  // What was not waited for long enough is not lost, it is not measured.
  if (!result.sentence.empty()) std::erase_if(result.directions, [](const auto& d) { return d.counts.sent == 0; });
  if (answered_ == 0 || clock_stepped_) result.outcome = Outcome::failed;
  context_.report(std::move(result));
  out.finish();
}

Result PingSession::describe() const {
  Result result;
  result.begin = anchor_.to_utc(begin_);
  result.end = context_.clock.utc_now();
  result.stamp = stamp_;
  result.local_clock = context_.clock.quality();
  result.remote_clock = result.local_clock;
  result.own_clocks_only = true;
  result.local_address = local_;
  result.remote_address = order_.target;
  result.health.clock_stepped = clock_stepped_;
  result.health.socket_drops = dropped_here_;
  result.parameters = {{"count", std::to_string(plan_.count)},
                       {"interval", format_duration(plan_.interval)},
                       {"size", std::to_string(plan_.payload_octets) + " octets"},
                       {"loss_threshold", format_duration(plan_.loss_threshold)}};
  if (records_.empty()) return result;
  SampleRules rules;
  rules.loss_threshold = plan_.loss_threshold;
  rules.same_clock = true;
  rules.dropped_here = dropped_here_;
  Sample summary = summarise(Direction::round_trip, records_, rules);
  result.health.slip_p99 = summary.slip_p99;
  result.statistics = std::move(summary.statistics);
  append_pinger_statistics(records_, plan_.count, result.statistics);
  result.directions.push_back(std::move(summary.result));
  return result;
}

std::string PingSession::failure() const {
  if (answered_ > 0) return {};
  const std::string who = order_.target_name.empty() ? order_.target.text() : order_.target_name;
  for (const int error : errors_) {
    if (error == ENETUNREACH || error == EHOSTUNREACH)
      return who + " cannot be reached: " + errno_text(error) +
             ". A router or this host has no way to it; check the "
             "address and the route.";
    if (error == EACCES || error == EPERM)
      return who + " may not be pinged: a firewall on the way or on this host forbids it.";
    if (error == EMSGSIZE)
      return "The packets of " + std::to_string(plan_.payload_octets) + " octets are larger than the path to " + who +
             " allows; choose a smaller size.";
    if (error != 0) return who + " cannot be pinged: " + errno_text(error) + ".";
  }
  return who + " answered none of " + std::to_string(plan_.count) + " pings within " +
         format_duration(plan_.loss_threshold) +
         ". It is down, or a firewall drops ICMP echo in one of the directions.";
}

}  // namespace sonde::ping
