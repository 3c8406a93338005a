#pragma once

#include <string>
#include <vector>

#include "core/net/address.h"
#include "probes/throughput/wire.h"

namespace sonde::throughput {

enum class Role : std::uint8_t { send, receive };

/// One stream of a test as this end takes part in it.
struct Flow {
  int id = 0;
  Role role = Role::send;
};

/// What moving the data needs to know, the same at both ends but for the roles.
struct Plan {
  bool udp = false;
  std::vector<Flow> flows;         ///< in the order of opening
  std::uint64_t block_octets = 0;  ///< of one write, or of one datagram
  bool block_was_chosen = false;   ///< TCP: the operator's; otherwise writes may be longer
  std::uint64_t rate_bps = 0;      ///< of each stream; 0 = as fast as it goes
  std::uint64_t window_octets = 0;
  std::uint8_t traffic_class = 0;
  std::string congestion;
  bool no_delay = false;
  bool wide_counters = false;
  Endpoint local, peer;  ///< UDP: where the server's data port is, and who is at the other end
};

inline constexpr std::uint64_t kStandardTcpBlock = 131'072, kStandardUdpBlock = 1'460, kMostTcpBlock = 1'048'576;
inline constexpr std::uint64_t kLeastUdpBlock = 16, kMostUdpBlock = 65'507;

enum class End : std::uint8_t { client, server };
Plan plan_of(const Parameters& parameters, End end);

}  // namespace sonde::throughput
