#include "probes/owamp/control_server.h"

#include <algorithm>

namespace sonde::owamp {
namespace {

using amp::Accept;

constexpr Duration kSetUpWait = std::chrono::seconds{10};
constexpr Duration kIdleWait = std::chrono::minutes{30};
constexpr Duration kStopWait = std::chrono::seconds{10};
/// The client stops the sessions; this long after it should have, the server does.
constexpr Duration kStopGrace = std::chrono::seconds{20};

/// Scopes are an interface of this host, so they are not on the wire and not compared.
bool names(const IpAddress& asked, const IpAddress& actual) {
  return asked.is_unspecified() || std::ranges::equal(asked.bytes(), actual.bytes());
}

}  // namespace

ControlServer::ControlServer(std::shared_ptr<ServerShared> shared, StreamId stream, Endpoint peer, Endpoint local)
    : shared_(std::move(shared)),
      log_(shared_->options.log.with("peer", peer.text())),
      stream_(stream),
      peer_(peer),
      local_(local) {}

ControlServer::~ControlServer() {
  for (const auto& running : sessions_) shared_->admission.release(peer_.address, running->claim);
  if (entered_) shared_->admission.leave(peer_.address, settled_);
}

void ControlServer::on_start(Now now, Outbox& out) {
  const bool allowed = shared_->options.allowance(peer_.address).allowed;
  entered_ = allowed && shared_->admission.enter(peer_.address);
  out.write(stream_, encode(amp::Greeting{entered_ ? amp::kModeOpen : 0}));
  if (!allowed) return close("its address is not allowed to measure", out);
  if (!entered_) return close("too many connections are half open", out);
  wait(State::set_up, now.steady + kSetUpWait);
}

void ControlServer::wait(State state, SteadyTime until) {
  state_ = state;
  until_ = until;
}

void ControlServer::close(std::string_view why, Outbox& out) {
  log_.info("control connection ended", {{"why", std::string(why)}});
  wait(State::over, kNever);
  out.close_stream(stream_);
  out.finish();
}

ControlServer::Running* ControlServer::next_sender() const {
  Running* next = nullptr;
  for (const auto& running : sessions_)
    if (running->sender && !running->sender->done() &&
        (next == nullptr || running->sender->next_due() < next->sender->next_due()))
      next = running.get();
  return next;
}

SteadyTime ControlServer::next_deadline() const {
  const Running* sender = state_ == State::running ? next_sender() : nullptr;
  return sender == nullptr ? until_ : std::min(until_, anchor_.to_steady(sender->sender->next_due()));
}

bool ControlServer::paced() const { return state_ == State::running && next_sender() != nullptr; }

void ControlServer::on_deadline(Now now, Outbox& out) {
  if (state_ == State::running && now.steady < until_) {
    // One packet a call: the next gets a fresh stamp.
    Running* next = next_sender();
    if (next != nullptr && anchor_.to_steady(next->sender->next_due()) <= now.steady) {
      const auto error = shared_->own_error.at(now.steady);
      next->sender->send_next(shared_->options.clock.now(), error, out, next->socket.id, next->client);
    }
    return;
  }
  if (now.steady < until_) return;
  if (state_ != State::running) return close("nothing came in time", out);
  log_.info("sessions stopped here: the client did not");
  send_stop(out);
  wait(State::stopping, now.steady + kStopWait);
}

void ControlServer::on_datagram(SocketId socket, const Datagram& datagram, Now now, Outbox&) {
  if (state_ != State::running || datagram.error != 0) return;
  for (const auto& running : sessions_)
    if (running->receiver && running->socket.id == socket && running->client == datagram.from) {
      running->receiver->arrived(datagram.payload, datagram.arrival, datagram.hop_limit,
                                 shared_->own_error.at(now.steady));
      return;
    }
}

void ControlServer::on_bytes(StreamId, std::span<const std::byte> data, Now now, Outbox& out) {
  input_.feed(data);
  while (state_ != State::over && take_message(now, out)) {
  }
}

bool ControlServer::take_message(Now now, Outbox& out) {
  if (state_ == State::set_up) return take_set_up(now, out);
  if (input_.size() == 0) return false;
  // Judged by its first octet: what is not legal now is not even waited for.
  const bool stops = input_.view()[0] == static_cast<std::byte>(Command::stop_sessions);
  if (stops == (state_ == State::ready)) return close("it sent a command that is not legal now", out), false;
  const Frame frame = frame_command(input_.view());
  if (frame.state == Frame::State::illegal) return close("it sent what is no OWAMP command", out), false;
  if (frame.state == Frame::State::partial) return false;
  take_command(input_.take(frame.size), now, out);
  return true;
}

bool ControlServer::take_set_up(Now now, Outbox& out) {
  if (input_.size() < amp::SetUpResponse::kSize) return false;
  const auto response = amp::decode_set_up_response(input_.take(amp::SetUpResponse::kSize));
  const Allowance allowance = shared_->options.allowance(peer_.address);
  const bool open = response && response->mode == amp::kModeOpen;
  settled_ = open && allowance.allowed && shared_->admission.settle(peer_.address, allowance.sessions);
  const Accept accept = settled_ ? Accept::ok : open ? Accept::temporary_limit : Accept::unsupported;
  out.write(stream_, encode(amp::ServerStart{accept, amp::to_ntp(shared_->started)}));
  if (!settled_)
    return close(open ? "it holds too many connections" : "it chose a mode that was not offered", out), false;
  wait(State::ready, now.steady + kIdleWait);
  return true;
}

void ControlServer::take_command(const Bytes& message, Now now, Outbox& out) {
  switch (static_cast<Command>(message[0])) {
    case Command::stop_sessions:
      return take_stop(message, now, out);
    case Command::request_session:
      take_request(message, now, out);
      break;
    case Command::start_sessions:
      return take_start(now, out);
    case Command::fetch_session: {
      const auto fetch = decode_fetch_session(message);
      out.write(stream_, encode(shared_->store.fetch(peer_.address, fetch.value_or(FetchSession{}))));
    }
  }
  wait(State::ready, now.steady + kIdleWait);
}

Accept ControlServer::judge(const std::optional<Request>& request) const {
  if (!request || request->server_sends == request->server_receives) return Accept::unsupported;
  const bool sends = request->server_sends;
  // Nobody but the two ends of this very connection is measured: a third party never asked for the packets.
  if (request->family != peer_.address.family() || !names(sends ? request->receiver : request->sender, peer_.address) ||
      !names(sends ? request->sender : request->receiver, local_.address))
    return Accept::rejected;
  if ((sends ? request->receiver_port : request->sender_port) == 0) return Accept::unsupported;
  return sessions_.size() < kMostSessions ? Accept::ok : Accept::permanent_limit;
}

void ControlServer::take_request(const Bytes& message, Now now, Outbox& out) {
  auto request = decode_request(message);
  AcceptSession answer{judge(request), 0, {}};
  if (answer.accept == Accept::ok) answer = open_session(std::move(*request), now, out);
  if (answer.accept == Accept::ok)
    log_.info("session accepted", {{"sid", to_hex(answer.sid)}, {"port", std::to_string(answer.port)}});
  else
    log_.info("session refused", {{"why", std::string(amp::meaning(answer.accept))}});
  out.write(stream_, encode(answer));
}

AcceptSession ControlServer::open_session(Request request, Now now, Outbox& out) {
  const Allowance allowance = shared_->options.allowance(peer_.address);
  if (!allowance.allowed) return {Accept::rejected, 0, {}};
  const auto claim = shared_->admission.claim(peer_.address, allowance, request, now.utc);
  if (claim.id == 0) return {claim.accept, 0, {}};
  const bool sends = request.server_sends;
  const Endpoint client{peer_.address, sends ? request.receiver_port : request.sender_port};
  const auto socket = socket_for(request, client, out);
  if (!socket) {
    shared_->admission.release(peer_.address, claim.id);
    return {Accept::temporary_limit, 0, {}};
  }
  (sends ? request.sender_port : request.receiver_port) = socket->port;
  if (!sends) request.sid = amp::make_sid(local_.address, now.utc, shared_->options.random);
  const AcceptSession answer{Accept::ok, socket->port, request.sid};
  const auto packets = request.packets;
  auto running =
      std::make_unique<Running>(Running{make_plan(std::move(request), now.utc), claim.id, *socket, client, {}, {}});
  if (sends)
    running->sender.emplace(running->plan, packets, shared_->options.random);
  else
    running->receiver.emplace(running->plan);
  sessions_.push_back(std::move(running));
  return answer;
}

std::optional<ControlServer::TestSocket> ControlServer::socket_for(const Request& request, const Endpoint& client,
                                                                   Outbox& out) {
  // Sessions of one connection share a port, as far as a packet's origin tells to which of them it belongs.
  for (const TestSocket& socket : sockets_) {
    const bool taken = std::ranges::any_of(sessions_, [&](const auto& other) {
      return other->socket.id == socket.id && other->client == client &&
             other->receiver.has_value() == request.server_receives;
    });
    if (socket.dscp == request.dscp && !taken) return socket;
  }
  const auto& options = shared_->options;
  const Opened opened = amp::open_test_socket(out, local_.address, options.test_ports, request.dscp, options.random);
  if (!opened) {
    log_.warning("no test port: " + opened.error);
    return std::nullopt;
  }
  sockets_.push_back({opened.id, opened.local.port, request.dscp});
  return sockets_.back();
}

void ControlServer::take_start(Now now, Outbox& out) {
  if (sessions_.empty()) return out.write(stream_, encode_start_ack(Accept::rejected));
  out.write(stream_, encode_start_ack(Accept::ok));
  anchor_ = shared_->options.clock.anchor();
  SteadyTime end = now.steady;
  for (const auto& running : sessions_)
    end = std::max(end, anchor_.to_steady(running->plan.last_due() + running->plan.timeout));
  wait(State::running, end + kStopGrace);
}

void ControlServer::send_stop(Outbox& out) {
  StopSessions stop;
  for (const auto& running : sessions_)
    if (running->sender) {
      running->sender->stop();
      stop.sessions.push_back(running->sender->stopped());
    }
  out.write(stream_, encode(stop));
}

void ControlServer::take_stop(const Bytes& message, Now now, Outbox& out) {
  const auto stop = decode_stop_sessions(message);
  if (!stop) return close("its Stop-Sessions is malformed", out);
  if (state_ == State::running) send_stop(out);
  for (const auto& running : sessions_)
    if (running->receiver) finish_receiver(*running, *stop, now, out);
  end_sessions(out);
  wait(State::ready, now.steady + kIdleWait);
}

void ControlServer::finish_receiver(Running& running, const StopSessions& stop, Now now, Outbox& out) {
  const auto told = std::ranges::find(stop.sessions, running.plan.request.sid, &StoppedSession::sid);
  const bool trusted = stop.accept == Accept::ok && told != stop.sessions.end() &&
                       running.receiver->finish(told->next_sequence, told->skips, cut_.value_or(now.utc));
  const Log log = log_.with("sid", to_hex(running.plan.request.sid));
  if (const auto drops = out.dropped_here(running.socket.id); drops > 0)
    log.warning("this host dropped test packets: the peer counts them as lost", {{"packets", std::to_string(drops)}});
  if (!trusted) return log.warning("session not kept: its client does not vouch for it");
  FetchReply reply{
      Accept::ok, true, told->next_sequence, told->skips, running.plan.request, running.receiver->take_records()};
  log.info("session received", {{"records", std::to_string(reply.records.size())}});
  shared_->store.add(peer_.address, std::move(reply), now.steady);
}

void ControlServer::end_sessions(Outbox& out) {
  for (const auto& running : sessions_) shared_->admission.release(peer_.address, running->claim);
  sessions_.clear();
  for (const TestSocket& socket : sockets_) out.close_socket(socket.id);
  sockets_.clear();
  cut_.reset();
}

void ControlServer::on_closed(StreamId, std::string_view reason, Now, Outbox& out) {
  log_.info("control connection closed", {{"why", std::string(reason)}});
  wait(State::over, kNever);
  out.finish();
}

void ControlServer::on_clock_step(Duration step, Now now, Outbox& out) {
  if (state_ != State::running) return;
  const auto ahead = [&](const auto& running) {
    const UtcTime begin = running->plan.due.front();
    return begin > now.utc && begin > now.utc - step && begin - now.utc < Admission::kFurthestAhead;
  };
  // Nothing has been stamped yet and every start still lies ahead: it is met by the new clock.
  if (std::ranges::all_of(sessions_, ahead)) {
    anchor_ = shared_->options.clock.anchor();
    until_ -= step;
    return;
  }
  log_.warning("the clock stepped: sessions end here", {{"step", format_duration(step)}});
  cut_ = now.utc - step;
  send_stop(out);
  wait(State::stopping, now.steady + kStopWait);
}

void ControlServer::on_stop(Now, Outbox& out) {
  if (state_ == State::running) send_stop(out);
  if (state_ != State::over) close("this node stops", out);
}

}  // namespace sonde::owamp
