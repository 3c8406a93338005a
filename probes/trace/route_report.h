#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/measurement/result.h"
#include "probes/trace/wire.h"

namespace sonde::trace {

/// What became of one flow's probes at one hop.
struct ProbeRecord {
  std::array<std::optional<UtcTime>, kRounds> sent;
  std::optional<RouteAnswer> answer;  ///< the first
  bool end = false;                   ///< it came from the target, or from where the way ends
  bool reached = false;               ///< it came from the target
};
using HopRecord = std::array<ProbeRecord, kFlows>;

std::span<const Metric> trace_metrics();

/// The least hop at which the target answered, from 1; 0 = it did not.
int reached_at(const std::vector<HopRecord>& hops);
/// Nobody answered at this hop, although it was asked.
bool is_silent(const HopRecord& hop);
/// The records as a plain route: without silence at its end, and without answers of the target behind its own hop that
/// are there only because its first answer to that flow was lost.
TracedRoute route_of(const IpAddress& target, bool icmp, const std::vector<HopRecord>& hops);
/// What a person should know of the run; empty when the target was reached. `error`: of sending, or empty.
std::string sentence_of(const TracedRoute& route, const std::string& who, const std::string& error);
void append_statistics(const TracedRoute& route, std::vector<Statistic>& out);

}  // namespace sonde::trace
