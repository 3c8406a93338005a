#pragma once

#include <cerrno>
#include <memory>

#include "core/run/probe_type.h"
#include "probes/amp/control_buffer.h"
#include "probes/amp/own_error.h"
#include "probes/owamp/round.h"

namespace sonde::owamp {

/// The client's end of one control connection: connects when a round needs it, asks for the sessions, starts, paces and
/// stops them, fetches what the peer received, and stays connected for the next round. A part of a session, which
/// passes everything on that comes from its loop.
class ControlClient {
 public:
  struct Ends {
    Endpoint server;      ///< of the control connection
    IpAddress local;      ///< own address for control and test
    SocketId socket = 0;  ///< for the test packets of both directions
    std::uint16_t test_port = 0;
    bool alone = false;  ///< nobody else uses the socket, and this client for one round only
  };
  ControlClient(const Ends& ends, ProbeContext& context) : ends_(ends), context_(context), own_error_(context.clock) {}

  /// Only when idle().
  void begin(std::unique_ptr<Round> round, Now now, Outbox& out);
  bool idle() const { return round_ == nullptr && finished_ == nullptr; }
  /// The round that is under way, or null.
  const Round* round() const { return round_.get(); }
  /// True from Start-Ack on, until the sessions are stopped.
  bool running() const { return phase_ == Phase::running; }
  /// The round that is over, once; null = none is.
  std::unique_ptr<Round> take_finished() { return std::move(finished_); }
  /// Stops a running round early, keeping what can be judged; any other one fails with `why`.
  void end_early(const std::string& why, Now now, Outbox& out);
  /// Gives the round up at once.
  void abandon(const std::string& why, Now now, Outbox& out);
  /// Closes the connection; only when idle().
  void disconnect(Outbox& out);
  /// Brings the reverse session's verdicts up to date, for a look at it while it runs.
  const ReverseSession* look(Now now);

  SteadyTime next_deadline() const;
  void on_deadline(Now now, Outbox& out);
  void on_datagram(const Datagram& datagram, Now now);
  bool owns(StreamId stream) const { return stream != 0 && stream == stream_; }
  void on_connected(Now now, Outbox& out);
  void on_bytes(std::span<const std::byte> data, Now now, Outbox& out);
  void on_closed(std::string_view reason, Now now, Outbox& out);
  void on_clock_step(Duration step, Now now, Outbox& out);
  bool paced() const;

 private:
  enum class Phase : std::uint8_t {
    closed,
    connecting,
    greeting,
    server_start,
    ready,
    asking_forward,
    asking_reverse,
    starting,
    running,
    settling,  ///< time is over; a moment for packets that wait unread
    stopping,
    fetching,
  };
  bool take_message(Now now, Outbox& out);
  Frame frame() const;
  void take_greeting(const Bytes& message, Now now, Outbox& out);
  void take_server_start(const Bytes& message, Now now, Outbox& out);
  void take_accept(const Bytes& message, Now now, Outbox& out);
  void take_start_ack(const Bytes& message, Now now, Outbox& out);
  void take_stop(const Bytes& message, Now now, Outbox& out);
  void take_fetch_reply(const Bytes& message, Outbox& out);
  void keep_to_peer(Outbox& out);
  void ask_next(Now now, Outbox& out);
  Request common_request() const;
  Request forward_request() const;
  Plan reverse_plan(Now now);
  void say(const Bytes& message, Phase next, Duration wait, Now now, Outbox& out);
  void pace(Now now, Outbox& out);
  void mark_drops(Now now, Outbox& out);
  UtcTime end_of_round() const;
  void send_stop(Now now, Outbox& out);
  void finish_reverse(const StopSessions* stop, Now now);
  void finish_round(Phase next);
  void fail(const std::string& sentence, Outbox& out);
  std::string awaited() const;

  Ends ends_;
  ProbeContext& context_;
  amp::OwnError own_error_;
  Phase phase_ = Phase::closed;
  StreamId stream_ = 0;
  amp::ControlBuffer input_;
  std::unique_ptr<Round> round_, finished_;
  SteadyTime until_ = kNever, asked_{};
  Duration round_trip_{};
  Anchor anchor_;
  std::optional<UtcTime> cut_;  // the clock stepped then: nothing later is to be believed
  bool stop_sent_ = false;
  int drop_marks_ = 0;  // 0, 1 or 2 of begin and end taken
  std::uint64_t drops_at_begin_ = 0;
};

}  // namespace sonde::owamp
