#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/measurement/time_of_day.h"
#include "core/net/address.h"

namespace sonde {

/// When runs start. Packet spacing within a run belongs to the probe.
struct Schedule {
  enum class Kind : std::uint8_t { every, continuous, once, at };
  Kind kind = Kind::every;
  Duration period{};  ///< every: > 0; continuous: the step of its Results
  /// every, at: a run begins at random within [due, due + spread), so that nodes do not start together. Heavy runs
  /// begin in the first half of it and find room to try again in the rest.
  Duration spread{};
  UtcTime at{};                    ///< once
  std::vector<TimeOfDay> times{};  ///< at: of each day, ascending, each once
  friend bool operator==(const Schedule&, const Schedule&) = default;
};
/// "every 5 min", "all day", "once at ...", "at 02:00 and 14:30 UTC".
std::string describe(const Schedule& schedule);
/// Runs that begin in a day; of a continuous test its steps, of `once` none.
double runs_per_day(const Schedule& schedule);
/// From one run to the next, without spread; zero for `once`.
Duration longest_gap(const Schedule& schedule);
Duration shortest_gap(const Schedule& schedule);

/// The far end as the operator named it. Names are resolved off the loops, at each run.
struct Peer {
  std::string id;       ///< stable, made by the node
  std::string name;     ///< for people; may be empty = address
  std::string address;  ///< host name or IP literal
  friend bool operator==(const Peer&, const Peer&) = default;
};

/// What kind of packet (RFC 2330 §13), as far as it is asked for.
struct TypeP {
  std::uint8_t dscp = 0;  ///< 0 to 63
  std::uint32_t payload_octets =
      0;  ///< padding or payload; meaning told by the probe's option; 0 = the probe's default
  friend bool operator==(const TypeP&, const TypeP&) = default;
};

/// Option name to text as written; checked against the probe's OptionSpec before it gets here.
using Options = std::map<std::string, std::string>;

/// What an operator asked for. A plain value: copied between threads, compared in tests.
struct TestSpec {
  std::string id;              ///< immutable: renaming keeps the history
  std::uint32_t revision = 1;  ///< grows with a changed step, Type-P, family, loss threshold or resolved address
  std::string title;
  std::string probe;
  std::string peer;  ///< Peer::id; empty for probes about this node itself
  Family family = Family::v4;
  std::string source;  ///< own address to use, or empty for the route's
  TypeP type_p;
  Schedule schedule;
  Options options;
  bool paused = false;
  bool self_check = false;  ///< made by the node about itself; never counted as a path
  friend bool operator==(const TestSpec&, const TestSpec&) = default;
};

}  // namespace sonde
