#include "probes/owamp/control_client.h"

#include <algorithm>

#include "probes/owamp/failure.h"

// Connection, set-up and requests. What happens once sessions run is in control_client_run.cpp.
namespace sonde::owamp {
namespace {

using amp::Accept;

constexpr Duration kConnectWait = std::chrono::seconds{12};  // the loop ends a connect after 10
constexpr Duration kAnswerWait = std::chrono::seconds{10};
/// A start leaves time for what is still to be said: some round trips, and a server that forks for each session.
constexpr Duration kStartMargin = std::chrono::seconds{1};
/// All bits that an RFC gives a meaning; a greeting with others is another protocol's.
constexpr std::uint32_t kKnownModes = 0x1ff;

}  // namespace

void ControlClient::begin(std::unique_ptr<Round> round, Now now, Outbox& out) {
  round_ = std::move(round);
  round_->local = {ends_.local, ends_.test_port};
  if (phase_ == Phase::ready) return ask_next(now, out);
  stream_ = out.connect(ends_.server, ends_.local);
  phase_ = Phase::connecting;
  until_ = now.steady + kConnectWait;
  if (stream_ == 0) fail(failure::no_connection(ends_.server, "no route"), out);
}

std::string ControlClient::awaited() const {
  switch (phase_) {
    case Phase::connecting:
      return "connection";
    case Phase::greeting:
      return "Server-Greeting";
    case Phase::server_start:
      return "Server-Start";
    case Phase::asking_forward:
    case Phase::asking_reverse:
      return "Accept-Session";
    case Phase::starting:
      return "Start-Ack";
    case Phase::stopping:
      return "Stop-Sessions";
    case Phase::fetching:
      return "what it received (Fetch-Ack)";
    default:
      return "the end of the sessions";
  }
}

void ControlClient::on_connected(Now now, Outbox&) {
  phase_ = Phase::greeting;
  until_ = now.steady + kAnswerWait;
}

void ControlClient::on_closed(std::string_view reason, Now now, Outbox& out) {
  stream_ = 0;
  input_.clear();
  if (!round_) {
    phase_ = Phase::closed;
    until_ = kNever;
    return;
  }
  if (phase_ == Phase::connecting) return fail(failure::no_connection(ends_.server, reason), out);
  const std::string sentence = failure::ended(ends_.server, awaited(), reason);
  // What came from the peer until now stays true without the connection.
  if (phase_ == Phase::running || phase_ == Phase::settling || phase_ == Phase::stopping) finish_reverse(nullptr, now);
  fail(sentence, out);
}

void ControlClient::on_bytes(std::span<const std::byte> data, Now now, Outbox& out) {
  input_.feed(data);
  while (stream_ != 0 && take_message(now, out)) {
  }
}

Frame ControlClient::frame() const {
  const auto fixed = [this](std::size_t size) {
    return Frame{input_.size() < size ? Frame::State::partial : Frame::State::whole, size};
  };
  switch (phase_) {
    case Phase::greeting:
      return fixed(amp::Greeting::kSize);
    case Phase::server_start:
      return fixed(amp::ServerStart::kSize);
    case Phase::asking_forward:
    case Phase::asking_reverse:
      return fixed(kAcceptSessionSize);
    case Phase::starting:
      return fixed(kStartAckSize);
    case Phase::fetching:
      return frame_fetch_reply(input_.view());
    case Phase::running:
    case Phase::settling:
    case Phase::stopping:
      return frame_command(input_.view());
    default:
      return {input_.size() == 0 ? Frame::State::partial : Frame::State::illegal, 0};
  }
}

bool ControlClient::take_message(Now now, Outbox& out) {
  const Frame next = frame();
  if (next.state == Frame::State::partial) return false;
  if (next.state == Frame::State::illegal) return fail(failure::not_owamp(ends_.server, awaited()), out), false;
  const Bytes message = input_.take(next.size);
  switch (phase_) {
    case Phase::greeting:
      take_greeting(message, now, out);
      break;
    case Phase::server_start:
      take_server_start(message, now, out);
      break;
    case Phase::asking_forward:
    case Phase::asking_reverse:
      take_accept(message, now, out);
      break;
    case Phase::starting:
      take_start_ack(message, now, out);
      break;
    case Phase::fetching:
      take_fetch_reply(message, out);
      break;
    default:
      take_stop(message, now, out);
  }
  return true;
}

void ControlClient::say(const Bytes& message, Phase next, Duration wait, Now now, Outbox& out) {
  out.write(stream_, message);
  phase_ = next;
  until_ = now.steady + wait;
}

void ControlClient::take_greeting(const Bytes& message, Now now, Outbox& out) {
  const auto greeting = amp::decode_greeting(message);
  if (!greeting || (greeting->modes & ~kKnownModes) != 0) return fail(failure::not_owamp(ends_.server, awaited()), out);
  if ((greeting->modes & amp::kModeOpen) == 0) return fail(failure::no_common_mode(ends_.server, greeting->modes), out);
  asked_ = now.steady;
  say(encode(amp::SetUpResponse{amp::kModeOpen}), Phase::server_start, kAnswerWait, now, out);
}

void ControlClient::take_server_start(const Bytes& message, Now now, Outbox& out) {
  const auto start = amp::decode_server_start(message);
  if (!start) return fail(failure::not_owamp(ends_.server, awaited()), out);
  if (start->accept != Accept::ok)
    return fail(failure::refused(ends_.server, "the connection", amp::meaning(start->accept)), out);
  round_trip_ = now.steady - asked_;
  ask_next(now, out);
}

void ControlClient::ask_next(Now now, Outbox& out) {
  Round& round = *round_;
  if (round.begin == UtcTime{}) round.begin = round.order.begin.value_or(now.utc + kStartMargin + 4 * round_trip_);
  if (round.order.forward && !round.forward) {
    say(encode(forward_request()), Phase::asking_forward, kAnswerWait, now, out);
  } else if (round.order.reverse && !round.reverse) {
    round.reverse.emplace();
    round.reverse->plan = reverse_plan(now);
    say(encode(round.reverse->plan.request), Phase::asking_reverse, kAnswerWait, now, out);
  } else {
    keep_to_peer(out);
    say(encode_start_sessions(), Phase::starting, kAnswerWait, now, out);
  }
}

/// Packets leave sooner after their stamp when the socket knows its one peer. Where it cannot, it does as it did.
void ControlClient::keep_to_peer(Outbox& out) {
  const auto& forward = round_->forward;
  const auto& reverse = round_->reverse;
  if (ends_.alone && forward && (!reverse || reverse->server == forward->server))
    out.keep_to(ends_.socket, forward->server);
}

/// What both directions ask for alike.
Request ControlClient::common_request() const {
  const RoundOrder& order = round_->order;
  Request request;
  request.family = ends_.server.address.family();
  request.packets = order.end ? enough_packets(order.slot, *order.end - round_->begin) : order.packets;
  request.packets = std::clamp(request.packets, 1U, kMostPackets);
  request.padding = order.padding;
  request.start = amp::to_ntp(round_->begin);
  // A slot is the delay before its packet: even spacing begins one slot early, so that a packet leaves at `begin`.
  if (order.slot.kind == Slot::Kind::fixed) request.start.bits -= order.slot.length;
  request.timeout = amp::to_ntp_length(order.timeout);
  request.dscp = order.dscp;
  request.slots = {order.slot};
  return request;
}

Request ControlClient::forward_request() const {
  Request request = common_request();
  request.server_receives = true;
  request.sender = ends_.local;
  request.receiver = ends_.server.address;
  request.sender_port = ends_.test_port;
  return request;
}

/// We receive, so the SID is ours to make: the schedule is known before it is asked for, and ends with the round.
Plan ControlClient::reverse_plan(Now now) {
  Request request = common_request();
  request.server_sends = true;
  request.sender = ends_.server.address;
  request.receiver = ends_.local;
  request.receiver_port = ends_.test_port;
  request.sid = amp::make_sid(ends_.local, now.utc, context_.random);
  Plan plan = make_plan(std::move(request), now.utc);
  if (round_->order.end) {
    plan.request.packets = std::max(1U, packets_before(plan, *round_->order.end));
    plan.due.resize(plan.request.packets);
  }
  return plan;
}

void ControlClient::take_accept(const Bytes& message, Now now, Outbox& out) {
  const bool forward = phase_ == Phase::asking_forward;
  const auto answer = decode_accept_session(message);
  if (!answer) return fail(failure::not_owamp(ends_.server, awaited()), out);
  if (answer->accept != Accept::ok || answer->port == 0)
    return fail(failure::refused(ends_.server, forward ? "a session from here to it" : "a session from it to here",
                                 answer->accept == Accept::ok ? "it has no port for it" : amp::meaning(answer->accept)),
                out);
  const Endpoint server{ends_.server.address, answer->port};
  if (forward) {
    Request request = forward_request();
    request.sid = answer->sid;
    request.receiver_port = answer->port;
    ForwardSession& session = round_->forward.emplace();
    session.plan = make_plan(std::move(request), now.utc);
    session.server = server;
    const auto end = round_->order.end;
    session.sender.emplace(session.plan, end ? packets_before(session.plan, *end) : UINT32_MAX, context_.random);
  } else {
    ReverseSession& session = *round_->reverse;
    session.plan.request.sender_port = answer->port;
    session.server = server;
    session.receiver.emplace(session.plan);
  }
  ask_next(now, out);
}

void ControlClient::fail(const std::string& sentence, Outbox& out) {
  if (round_) round_->failure = sentence;
  disconnect(out);
  finish_round(Phase::closed);
}

void ControlClient::disconnect(Outbox& out) {
  if (stream_ != 0) out.close_stream(stream_);
  stream_ = 0;
  input_.clear();
  phase_ = Phase::closed;
}

void ControlClient::finish_round(Phase next) {
  if (round_) finished_ = std::move(round_);
  phase_ = next;
  until_ = kNever;
  cut_.reset();
  stop_sent_ = false;
  drop_marks_ = 0;
}

}  // namespace sonde::owamp
