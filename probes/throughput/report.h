#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/measurement/result.h"
#include "probes/throughput/latency_beside.h"
#include "probes/throughput/meter.h"
#include "probes/throughput/wire.h"

namespace sonde::throughput {

/// Everything that the client's end knows of one test, from which each outside form is made.
struct Report {
  Parameters parameters;
  Plan plan;
  Cookie cookie{};
  Endpoint local, peer;        ///< of the control connection
  std::vector<Endpoint> ends;  ///< own ends of the TCP streams, in order
  UtcTime begin{}, end{};      ///< of the whole run
  UtcTime data_begin{};        ///< when the data began to move
  std::vector<IntervalReading> intervals;
  std::vector<Moved> base, last;  ///< of each stream, when counting began and at the end
  EndResults own;
  std::optional<EndResults> remote;
  std::optional<LatencyBeside::Summary> latency;  ///< where it was asked for
  std::string copy_mode;
  Outcome outcome = Outcome::done;
  std::string sentence;
};

/// Octets, packets and time of one direction as its two ends tell them.
struct DirectionSum {
  std::uint64_t sent_octets = 0, received_octets = 0;
  double seconds = 0;  ///< the receiver's, or the sender's where there is no receiver's
  std::uint64_t packets = 0;
  std::int64_t lost = 0;
  std::uint64_t dropped_here = 0;
  double jitter_seconds = 0;  ///< mean over the streams
  std::optional<std::uint64_t> retransmits;
  bool receiver_known = false;
  double rate_bps() const { return seconds > 0 ? static_cast<double>(received_octets) * 8 / seconds : 0; }
};
/// Empty when no stream went that way.
std::optional<DirectionSum> sum_of(const Report& report, Role own_role);

}  // namespace sonde::throughput
