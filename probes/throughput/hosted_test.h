#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "probes/throughput/control_input.h"
#include "probes/throughput/guests.h"
#include "probes/throughput/meter.h"
#include "probes/throughput/server.h"

namespace sonde::throughput {

/// The answer to an Ask, wherever it comes from.
struct SlotAnswer {
  std::mutex mutex;
  bool given = false;                  // guarded by mutex
  std::optional<std::string> refused;  // guarded by mutex
};

/// One test at the server's end, from the accepted parameters to the client's last word. A part of the server's
/// session.
class HostedTest {
 public:
  struct Guest {
    StreamId control = 0;
    Endpoint peer, local;  ///< of the control connection
    Cookie cookie{};
    Parameters parameters;
    Duration longest{};
  };
  HostedTest(Guest guest, const ServerOptions& options, std::uint64_t ask_id);
  ~HostedTest();

  void start(Now now, Outbox& out);
  bool over() const { return phase_ == Phase::over; }
  StreamId control() const { return guest_.control; }
  const Guest& guest() const { return guest_; }
  /// Whether a connection from there with this cookie is one of its data streams.
  bool expects(const IpAddress& peer, const Cookie& cookie) const;
  void take_stream(std::unique_ptr<Stream> stream, Now now, Outbox& out);

  SteadyTime next_deadline() const;
  void on_deadline(Now now, Outbox& out);
  void on_bytes(std::span<const std::byte> data, Now now, Outbox& out);
  void on_closed(std::string_view reason);
  void on_stop(Outbox& out);
  /// Payload in both directions, for the source's account.
  std::uint64_t octets() const { return octets_; }

 private:
  enum class Phase : std::uint8_t { asking, creating, running, ending, awaiting_results, closing, over };
  void accept(Now now, Outbox& out);
  void begin(Now now, Outbox& out);
  void take_state(State state, Now now, Outbox& out);
  void take_results(const std::string& json, Now now, Outbox& out);
  void look(Now now, Outbox& out);
  void look_for_answer(Now now, Outbox& out);
  void say(State state, Outbox& out);
  void enter(Phase phase, Duration within, Now now);
  void refuse(std::optional<Trouble> trouble, const std::string& why, Outbox& out);
  void finish(std::string_view why, Outbox& out);
  AskEnd told_end() const;

  const Guest guest_;
  const ServerOptions& options_;
  const std::uint64_t ask_id_;
  const Log log_;
  Phase phase_ = Phase::asking;
  SteadyTime until_ = kNever, look_at_ = kNever;
  std::shared_ptr<SlotAnswer> answer_ = std::make_shared<SlotAnswer>();
  ControlInput input_;
  Plan plan_;
  std::size_t taken_ = 0;
  std::unique_ptr<Mover> mover_;
  std::unique_ptr<Meter> meter_;
  std::string mine_;                               // our results, once the data has ended
  std::uint64_t octets_ = 0;                       // of a test that has ended
  std::string trouble_ = "this node is stopping";  // why it ended; empty = the client had its last word
};

}  // namespace sonde::throughput
