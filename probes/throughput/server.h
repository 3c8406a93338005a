#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/access/limits.h"
#include "core/base/log.h"
#include "core/measurement/result.h"
#include "core/run/session.h"
#include "probes/throughput/mover.h"

namespace sonde::throughput {

/// A test that somebody wants to run here, as far as the node's slot for heavy tests must know it.
struct Ask {
  std::uint64_t id = 0;  ///< of this asking; unique within the process
  IpAddress source;
  Duration length{};     ///< of the data, with omitted time, plus 10 s for all that is around it
  std::string sentence;  ///< "a throughput test from 192.0.2.7, 30 s"
};

/// What became of it, for those who look at the slot's day: failed where the client never came to its last word.
struct AskEnd {
  std::uint64_t id = 0;  ///< of the Ask
  Outcome outcome = Outcome::failed;
  std::string sentence;  ///< "TCP, 1.25 GB of payload." and what went wrong
};

/// What the answering end needs to know of its node. Clock, random and the functions outlive the server.
struct ServerOptions {
  Endpoint listen;  ///< one server per family: 0.0.0.0:5201 and [::]:5201
  const Clock& clock;
  Random& random;  ///< of the loop the server runs on
  Log log;
  /// What this source may do here: Limits::lookup("throughput", ...) of now; on the loop's thread. Of it count seconds,
  /// streams, octets a day, and `sessions` as tests an hour.
  std::function<Allowance(const IpAddress&)> allowance;
  /// Asks for the node's heavy-test slot, on the loop's thread. `answer` is called once: at once or later, from any
  /// thread; a sentence = refused, and why. After 5 s without an answer the client is told that we are busy.
  std::function<void(Ask, std::function<void(std::optional<std::string> refused)> answer)> ask =
      [](const Ask&, const std::function<void(std::optional<std::string>)>& answer) { answer(std::nullopt); };
  /// Called once for each Ask, refused and unanswered ones included: what it got, or still waits for, is not wanted any
  /// more. On the loop's thread.
  std::function<void(AskEnd)> release = [](const AskEnd&) {};
  /// How the listening went, each time it is tried: every 10 s until it works.
  std::function<void(const Opened&)> listening = [](const Opened&) {};
  MakeMover make_mover = make_thread_mover;
};

/// iperf3's server: one test at a time, over all servers made from one Floor (the two families of a node). Further
/// clients are told that it is busy.
class Floor;
std::shared_ptr<Floor> make_floor();
SessionPtr make_server(ServerOptions options, std::shared_ptr<Floor> floor);

}  // namespace sonde::throughput
