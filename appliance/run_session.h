#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/run/probe_type.h"

namespace sonde {

/// A probe's session with the context it uses, and the promise that the run gets exactly one end: `ended` is called on
/// the loop's thread when the session is gone, with the outcome of its newest Result.
class RunSession final : public Session {
 public:
  using Ended = std::function<void(Outcome, std::string)>;
  RunSession(const ProbeType& type, RunOrder order, ProbeContext context, Ended ended);
  ~RunSession() override;

  void on_start(Now now, Outbox& out) override { inner_->on_start(now, out); }
  SteadyTime next_deadline() const override { return inner_->next_deadline(); }
  void on_deadline(Now now, Outbox& out) override { inner_->on_deadline(now, out); }
  void on_datagram(SocketId id, const Datagram& d, Now now, Outbox& out) override {
    inner_->on_datagram(id, d, now, out);
  }
  void on_transmit_stamp(SocketId id, const TransmitStamp& stamp, Now now, Outbox& out) override {
    inner_->on_transmit_stamp(id, stamp, now, out);
  }
  void on_accepted(ListenerId listener, StreamId stream, const Endpoint& peer, const Endpoint& local, Now now,
                   Outbox& out) override {
    inner_->on_accepted(listener, stream, peer, local, now, out);
  }
  void on_connected(StreamId id, const Endpoint& local, Now now, Outbox& out) override {
    inner_->on_connected(id, local, now, out);
  }
  void on_bytes(StreamId id, std::span<const std::byte> data, Now now, Outbox& out) override {
    inner_->on_bytes(id, data, now, out);
  }
  void on_closed(StreamId id, std::string_view reason, Now now, Outbox& out) override {
    inner_->on_closed(id, reason, now, out);
  }
  void on_clock_step(Duration step, Now now, Outbox& out) override { inner_->on_clock_step(step, now, out); }
  void on_stop(Now now, Outbox& out) override { inner_->on_stop(now, out); }
  bool paced() const override { return inner_->paced(); }

 private:
  void note(Result result);

  RunOrder order_;
  ProbeContext context_;
  std::function<void(Result)> report_;
  Ended ended_;
  bool reported_ = false;
  Outcome outcome_ = Outcome::done;
  std::string sentence_;
  SessionPtr inner_;  // last made, first gone: it uses the rest
};

}  // namespace sonde
