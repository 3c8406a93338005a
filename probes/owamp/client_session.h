#pragma once

#include <memory>
#include <vector>

#include "probes/owamp/control_client.h"
#include "probes/owamp/settings.h"

namespace sonde::owamp {

/// What a single run and a continuous test have in common: one test socket, control connections that share it, and
/// passing on what the loop brings.
class ClientSession : public Session {
 public:
  ClientSession(const RunOrder& order, ProbeContext& context);

  void on_start(Now now, Outbox& out) final;
  SteadyTime next_deadline() const final;
  void on_deadline(Now now, Outbox& out) final;
  void on_datagram(SocketId socket, const Datagram& datagram, Now now, Outbox& out) final;
  void on_connected(StreamId stream, const Endpoint& local, Now now, Outbox& out) final;
  void on_bytes(StreamId stream, std::span<const std::byte> data, Now now, Outbox& out) final;
  void on_closed(StreamId stream, std::string_view reason, Now now, Outbox& out) final;
  void on_clock_step(Duration step, Now now, Outbox& out) final;
  void on_stop(Now now, Outbox& out) final;
  bool paced() const final;

 protected:
  virtual std::size_t connections() const = 0;
  /// Everything is open: plan.
  virtual void begin(Now now, Outbox& out) = 0;
  /// When plan() is wanted, beside the deadlines of the connections.
  virtual SteadyTime next_plan() const = 0;
  virtual void plan(Now now, Outbox& out) = 0;
  virtual void over(std::unique_ptr<Round> round, Now now, Outbox& out) = 0;
  virtual void stepped(Duration /*step*/, Now /*now*/) {}
  /// The test cannot even begin.
  virtual void cannot_begin(const std::string& sentence, Now now, Outbox& out) = 0;

  RoundOrder common_order() const;
  bool stopping() const { return stop_at_ != kNever; }
  bool all_idle() const;
  /// Socket and connections anew, with the own address as it is now; false = cannot_begin() was called.
  /// Only when all_idle().
  bool reopen(Now now, Outbox& out);

  RunOrder order_;
  ProbeContext& context_;
  Settings settings_;
  std::vector<std::unique_ptr<ControlClient>> clients_;

 private:
  bool open(Now now, Outbox& out);
  void collect(Now now, Outbox& out);
  ControlClient* owner(StreamId stream) const;
  SocketId socket_ = 0;
  SteadyTime stop_at_ = kNever;  // whoever wants us to end does not wait longer
};

SessionPtr make_single_run(const RunOrder& order, ProbeContext& context);
SessionPtr make_continuous(const RunOrder& order, ProbeContext& context);

}  // namespace sonde::owamp
