#include <algorithm>

#include "probes/owamp/control_client.h"
#include "probes/owamp/failure.h"

// From Start-Ack on: pacing, stopping, fetching.
namespace sonde::owamp {
namespace {

using amp::Accept;
using namespace std::chrono_literals;

/// After the last packet's time is over: for a peer whose clock is a little behind, as the reference does it.
constexpr Duration kEndDelay = 1s;
/// At most this much more, where the peer's stamps show its clock further behind.
constexpr Duration kMostLag = 10s;
/// What waits unread is read before time is declared over.
constexpr Duration kSettle = 10ms;
constexpr Duration kStopWait = 5s;
constexpr Duration kFetchWait = 20s;
/// A live view leaves the youngest verdicts open, for packets that wait unread.
constexpr Duration kLookBehind = 1s;
/// A start that a clock step has moved further away than this is not waited for.
constexpr Duration kFurthestStart = 2min;

/// How much later than ours the clock of the peer may strike: the least apparent delay of what it sent.
Duration lag_of_peer(const std::optional<ReverseSession>& reverse) {
  Duration least = kMostLag;
  bool any = false;
  if (reverse && reverse->receiver)
    for (const Record& record : reverse->receiver->records()) {
      if (record.lost()) continue;
      const UtcTime due = reverse->plan.due[record.sequence];
      least = std::min(least, amp::to_utc(record.received, due) - amp::to_utc(record.sent, due));
      any = true;
    }
  return any ? std::clamp(least, Duration{}, kMostLag) : Duration{};
}

}  // namespace

void ControlClient::take_start_ack(const Bytes& message, Now now, Outbox& out) {
  const auto accept = decode_start_ack(message);
  if (!accept) return fail(failure::not_owamp(ends_.server, awaited()), out);
  if (*accept != Accept::ok)
    return fail(failure::refused(ends_.server, "the start of the sessions", amp::meaning(*accept)), out);
  anchor_ = context_.clock.anchor();
  phase_ = Phase::running;
  until_ = anchor_.to_steady(round_->last_due() + round_->order.timeout) + kEndDelay;
  mark_drops(now, out);
}

SteadyTime ControlClient::next_deadline() const {
  if (phase_ != Phase::running) return until_;
  SteadyTime next = until_;
  const auto& forward = round_->forward;
  if (forward && !forward->sender->done()) next = std::min(next, anchor_.to_steady(forward->sender->next_due()));
  if (drop_marks_ < 2) next = std::min(next, anchor_.to_steady(drop_marks_ == 0 ? round_->begin : end_of_round()));
  return next;
}

UtcTime ControlClient::end_of_round() const { return round_->order.end.value_or(round_->last_due() + 1ms); }

bool ControlClient::paced() const {
  return phase_ == Phase::running && round_->forward && !round_->forward->sender->done();
}

void ControlClient::on_deadline(Now now, Outbox& out) {
  if (phase_ == Phase::running) return pace(now, out);
  if (now.steady < until_) return;
  if (phase_ == Phase::settling) return send_stop(now, out);
  if (phase_ == Phase::stopping) finish_reverse(nullptr, now);
  fail(failure::silent(ends_.server, awaited()), out);
}

void ControlClient::pace(Now now, Outbox& out) {
  auto& forward = round_->forward;
  if (forward && !forward->sender->done() && anchor_.to_steady(forward->sender->next_due()) <= now.steady) {
    const auto error = own_error_.at(now.steady);
    return forward->sender->send_next(context_.clock.now(), error, out, ends_.socket, forward->server);
  }
  mark_drops(now, out);
  if (now.steady < until_) return;
  phase_ = Phase::settling;
  until_ = now.steady + kSettle + lag_of_peer(round_->reverse);
}

/// The socket's count of drops is taken at the two ends of the round; what fell between them fell from it.
void ControlClient::mark_drops(Now now, Outbox& out) {
  if (drop_marks_ == 0 && now.utc >= round_->begin) {
    drops_at_begin_ = out.dropped_here(ends_.socket);
    ++drop_marks_;
  }
  if (drop_marks_ == 1 && now.utc >= end_of_round()) {
    if (round_->reverse) round_->reverse->dropped_here = out.dropped_here(ends_.socket) - drops_at_begin_;
    ++drop_marks_;
  }
}

void ControlClient::on_datagram(const Datagram& datagram, Now now) {
  if (!round_ || cut_ || (phase_ != Phase::running && phase_ != Phase::settling)) return;
  auto& forward = round_->forward;
  if (datagram.error != 0) {
    if (forward && datagram.from == forward->server && datagram.error == ECONNREFUSED) round_->port_closed = true;
    return;
  }
  auto& reverse = round_->reverse;
  if (!reverse || datagram.from != reverse->server) return;
  reverse->stamp = datagram.stamp;
  reverse->receiver->arrived(datagram.payload, datagram.arrival, datagram.hop_limit, own_error_.at(now.steady));
}

const ReverseSession* ControlClient::look(Now now) {
  if (phase_ != Phase::running || !round_->reverse) return nullptr;
  round_->reverse->receiver->declare_lost(now.utc - kLookBehind);
  return &*round_->reverse;
}

void ControlClient::send_stop(Now now, Outbox& out) {
  StopSessions stop;
  if (auto& forward = round_->forward) {
    forward->sender->stop();
    stop.sessions.push_back(forward->sender->stopped());
  }
  stop_sent_ = true;
  say(encode(stop), Phase::stopping, kStopWait, now, out);
}

void ControlClient::take_stop(const Bytes& message, Now now, Outbox& out) {
  const auto stop = decode_stop_sessions(message);
  if (!stop) return fail(failure::not_owamp(ends_.server, "Stop-Sessions"), out);
  if (!stop_sent_) {
    // The reference stops as soon as all is judged; only what can no longer be judged is worth a note.
    const bool unsent = round_->forward && !round_->forward->sender->done();
    const bool unjudged = round_->reverse && now.utc < round_->reverse->plan.last_due() + round_->order.timeout;
    if (unsent || unjudged)
      round_->notes.push_back("The peer ended the sessions early, at " + format_utc(now.utc) + '.');
    send_stop(now, out);
  }
  finish_reverse(&*stop, now);
  if (!round_->forward) return finish_round(Phase::ready);
  say(encode(FetchSession{0, UINT32_MAX, round_->forward->plan.request.sid}), Phase::fetching, kFetchWait, now, out);
}

/// Without a Stop-Sessions of the peer, all that its schedule holds counts as sent.
void ControlClient::finish_reverse(const StopSessions* stop, Now now) {
  auto& reverse = round_->reverse;
  if (!reverse || !reverse->receiver) return;
  StoppedSession told{{}, reverse->plan.request.packets, {}};
  if (stop != nullptr) {
    const auto found = std::ranges::find(stop->sessions, reverse->plan.request.sid, &StoppedSession::sid);
    if (found != stop->sessions.end()) told = *found;
    if (found == stop->sessions.end() || stop->accept != Accept::ok) reverse->trusted = false;
  }
  if (!reverse->receiver->finish(told.next_sequence, told.skips, cut_.value_or(now.utc))) reverse->trusted = false;
}

void ControlClient::take_fetch_reply(const Bytes& message, Outbox& out) {
  auto reply = decode_fetch_reply(message);
  if (!reply) return fail(failure::not_owamp(ends_.server, "Fetch-Ack"), out);
  ForwardSession& forward = *round_->forward;
  if (reply->accept == Accept::ok) {
    forward.fetched = true;
    forward.records = std::move(reply->records);
  } else {
    round_->notes.push_back(
        failure::refused(ends_.server, "to hand over what it received", amp::meaning(reply->accept)));
  }
  finish_round(Phase::ready);
}

void ControlClient::end_early(const std::string& why, Now now, Outbox& out) {
  if (!round_) return;
  if (phase_ == Phase::running || phase_ == Phase::settling) {
    round_->notes.push_back(why);
    send_stop(now, out);
  } else if (phase_ != Phase::stopping && phase_ != Phase::fetching) {
    fail(why, out);
  }
}

void ControlClient::abandon(const std::string& why, Now now, Outbox& out) {
  if (!round_) return;
  if (phase_ == Phase::running || phase_ == Phase::settling || phase_ == Phase::stopping) finish_reverse(nullptr, now);
  fail(why, out);
}

void ControlClient::on_clock_step(Duration step, Now now, Outbox& out) {
  if (!round_ || phase_ == Phase::fetching) return;
  const UtcTime before = now.utc - step;
  const UtcTime begin = round_->begin == UtcTime{} ? round_->order.begin.value_or(now.utc + 1s) : round_->begin;
  // Nothing has been stamped yet and the start still lies ahead: it is met by the new clock.
  if (phase_ <= Phase::running && before < begin && now.utc < begin && begin - now.utc < kFurthestStart) {
    if (phase_ == Phase::running) until_ -= step;
    anchor_ = context_.clock.anchor();
    return;
  }
  round_->clock_stepped = true;
  const std::string why = "This node's clock stepped by " + format_duration(step) + ", which ended the session at " +
                          format_utc(before) + '.';
  cut_ = before;
  if (phase_ == Phase::stopping) return round_->notes.push_back(why);
  end_early(why, now, out);
}

}  // namespace sonde::owamp
