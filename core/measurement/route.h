#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/net/address.h"

namespace sonde {

/// Who answered one probe. Three flows are sent at each hop; a flow is the same packets to every load balancer.
struct RouteAnswer {
  IpAddress address;
  Duration round_trip{};
  std::uint8_t flow = 0;               ///< 0 to 2
  int icmp_type = -1, icmp_code = -1;  ///< -1 = no ICMP: the target itself replied
  friend bool operator==(const RouteAnswer&, const RouteAnswer&) = default;
};

struct RouteHop {
  std::vector<RouteAnswer> answers;
  std::uint8_t silent = 0;  ///< probes of this hop that nobody answered
  bool has(const IpAddress& address) const;
  std::vector<IpAddress> addresses() const;  ///< each once, sorted
  friend bool operator==(const RouteHop&, const RouteHop&) = default;
};

/// The way to a target as probes with a growing hop limit saw it, or what is known of it from several runs.
struct TracedRoute {
  static constexpr std::size_t kMostHops = 64;
  static constexpr std::size_t kMostAddresses = 16;  ///< known of one hop
  IpAddress target;
  bool icmp = false;           ///< probed with ICMP echo, else UDP: other packets may go another way
  int reached_at = 0;          ///< the least hop at which the target answered; 0 = it did not
  std::vector<RouteHop> hops;  ///< [0] = hop limit 1; the last one was answered
  friend bool operator==(const TracedRoute&, const TracedRoute&) = default;
};

/// What became of the known route of a test.
struct RouteChange {
  std::optional<TracedRoute> before;  ///< empty: the first route, or more of the known one
  TracedRoute after;
  UtcTime before_seen{};  ///< when `before` was last seen
  friend bool operator==(const RouteChange&, const RouteChange&) = default;
};

/// The first hop (from 1) at which `run` is another route than `known`; 0 = the same one. It is the same where at every
/// hop either side is silent or both have an address in common, and where both reach the target after as many hops.
int first_difference(const TracedRoute& known, const TracedRoute& run);
/// The routes are to the same target with the same kind of packets; else they do not compare.
bool comparable(const TracedRoute& known, const TracedRoute& run);
/// Adds to `known` what `run`, the same route, saw beyond it, at most kMostAddresses a hop. False = nothing new.
bool merge(TracedRoute& known, const TracedRoute& run);

/// "192.0.2.9", "192.0.2.9 or 192.0.2.13", "nobody".
std::string text_of(const RouteHop& hop);
/// "11 hops", or "no answer beyond hop 6".
std::string length_of(const TracedRoute& route);

}  // namespace sonde
