#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "probes/amp/control_buffer.h"
#include "probes/amp/own_error.h"
#include "probes/owamp/receiver.h"
#include "probes/owamp/sender.h"
#include "probes/owamp/server.h"
#include "probes/owamp/session_store.h"

namespace sonde::owamp {

/// What all control connections of one server share. Used by one loop.
struct ServerShared {
  explicit ServerShared(ServerOptions o) : options(std::move(o)) {}
  ServerOptions options;
  Admission admission;
  SessionStore store{admission};
  amp::OwnError own_error{options.clock};
  UtcTime started = options.clock.utc_now();
};

/// The server's end of one control connection, with the test sessions that were asked for over it.
class ControlServer final : public Session {
 public:
  ControlServer(std::shared_ptr<ServerShared> shared, StreamId stream, Endpoint peer, Endpoint local);
  ~ControlServer() override;

  void on_start(Now now, Outbox& out) override;
  SteadyTime next_deadline() const override;
  void on_deadline(Now now, Outbox& out) override;
  void on_datagram(SocketId socket, const Datagram& datagram, Now now, Outbox& out) override;
  void on_bytes(StreamId stream, std::span<const std::byte> data, Now now, Outbox& out) override;
  void on_closed(StreamId stream, std::string_view reason, Now now, Outbox& out) override;
  void on_clock_step(Duration step, Now now, Outbox& out) override;
  void on_stop(Now now, Outbox& out) override;
  bool paced() const override;

 private:
  enum class State : std::uint8_t {
    set_up,    ///< greeted; half open until the Set-Up-Response
    ready,     ///< takes requests and fetches
    running,   ///< sessions run; only Stop-Sessions is legal
    stopping,  ///< our Stop-Sessions is out, the client's has not come
    over,      ///< finish() was called
  };
  struct TestSocket {
    SocketId id = 0;
    std::uint16_t port = 0;
    std::uint8_t dscp = 0;
  };
  /// One test session; either we send or we receive.
  struct Running {
    Plan plan;
    std::uint64_t claim = 0;
    TestSocket socket;
    Endpoint client;
    std::optional<Sender> sender;
    std::optional<Receiver> receiver;
  };

  bool take_message(Now now, Outbox& out);
  bool take_set_up(Now now, Outbox& out);
  void take_command(const Bytes& message, Now now, Outbox& out);
  void take_request(const Bytes& message, Now now, Outbox& out);
  void take_start(Now now, Outbox& out);
  void take_stop(const Bytes& message, Now now, Outbox& out);
  amp::Accept judge(const std::optional<Request>& request) const;
  AcceptSession open_session(Request request, Now now, Outbox& out);
  std::optional<TestSocket> socket_for(const Request& request, const Endpoint& client, Outbox& out);
  void send_stop(Outbox& out);
  void finish_receiver(Running& running, const StopSessions& stop, Now now, Outbox& out);
  void end_sessions(Outbox& out);
  Running* next_sender() const;
  void wait(State state, SteadyTime until);
  void close(std::string_view why, Outbox& out);

  std::shared_ptr<ServerShared> shared_;
  Log log_;
  StreamId stream_;
  Endpoint peer_, local_;
  State state_ = State::set_up;
  SteadyTime until_{};  // the end of every wait
  bool entered_ = false, settled_ = false;
  amp::ControlBuffer input_;
  Anchor anchor_;
  std::optional<UtcTime> cut_;  // the clock stepped then: nothing later is to be believed
  std::vector<TestSocket> sockets_;
  std::vector<std::unique_ptr<Running>> sessions_;
};

}  // namespace sonde::owamp
