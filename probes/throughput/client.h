#pragma once

#include <functional>
#include <memory>

#include "probes/throughput/control_input.h"
#include "probes/throughput/latency_beside.h"
#include "probes/throughput/report.h"
#include "probes/throughput/settings.h"

namespace sonde::throughput {

/// One test as iperf3's client runs it. Control is here, on the loop; data is the mover's.
class Client final : public Session {
 public:
  using Done = std::function<void(const Report&)>;
  /// `done` is called once, before the session ends.
  Client(const RunOrder& order, const Settings& settings, ProbeContext& context, MakeMover make_mover, Done done);

  void on_start(Now now, Outbox& out) override;
  SteadyTime next_deadline() const override;
  void on_deadline(Now now, Outbox& out) override;
  void on_datagram(SocketId socket, const Datagram& datagram, Now now, Outbox& out) override;
  void on_connected(StreamId stream, const Endpoint& local, Now now, Outbox& out) override;
  void on_bytes(StreamId stream, std::span<const std::byte> data, Now now, Outbox& out) override;
  void on_closed(StreamId stream, std::string_view reason, Now now, Outbox& out) override;
  void on_stop(Now now, Outbox& out) override;

 private:
  enum class Phase : std::uint8_t {
    idling,  ///< pings alone: what the path is like without load
    connecting,
    greeting,  ///< the cookie is out
    asking,    ///< the parameters are out
    opening,   ///< data streams are made
    starting,  ///< all are made; the server has not said so
    running,
    draining,    ///< our senders wait until the peer's kernel has everything
    settling,    ///< a moment for the peer's program to read it
    ending,      ///< we said that the test is over
    collecting,  ///< the server closed its streams; what is under way still comes
    exchanging,  ///< our results are out
    over,
  };
  IpAddress source() const;
  void connect(Now now, Outbox& out);
  bool take_word(Now now, Outbox& out);
  void take_state(State state, Now now, Outbox& out);
  void take_results(const std::string& json, Now now, Outbox& out);
  void take_error(Now now, Outbox& out);
  void open_streams(Now now, Outbox& out);
  void open_next(Now now, Outbox& out);
  void run(Now now);
  void watch_course(Now now, Outbox& out);
  void look(Now now, Outbox& out);
  bool goal_reached(SteadyTime now) const;
  bool sends() const;
  bool ended(Role role);
  void say(State state, Outbox& out);
  void enter(Phase phase, Duration within, Now now);
  void tell_progress(Now now);
  void conclude(Now now, Outbox& out);
  void fail(Outcome outcome, const std::string& sentence, Now now, Outbox& out);
  std::string awaited() const;

  RunOrder order_;
  Settings settings_;
  ProbeContext& context_;
  MakeMover make_mover_;
  Done done_;
  Phase phase_ = Phase::idling;
  SteadyTime until_ = kNever;  ///< the end of every wait
  SteadyTime look_at_ = kNever;
  StreamId control_ = 0, opening_ = 0;
  std::size_t opened_ = 0;
  ControlInput input_;
  bool error_follows_ = false, told_to_run_ = false;
  Report report_;
  std::unique_ptr<Mover> mover_;
  std::unique_ptr<Meter> meter_;
  std::size_t told_ = 0;  ///< intervals
  LatencyBeside latency_;
};

}  // namespace sonde::throughput
