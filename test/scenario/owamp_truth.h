#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/measurement/result.h"
#include "test/support/simulated_world.h"

// What the simulated world knows of the packets of one OWAMP test, and plain definitions of what a Result should say of
// them: written anew from the RFCs, so that nothing of core/statistics judges itself.
namespace sonde::test {

struct TruePacket {
  std::uint32_t sequence = 0;
  UtcTime sent{};                 ///< by the sender's clock, as the packet says itself
  std::vector<UtcTime> arrivals;  ///< by the receiver's clock, in order
};

/// The packets of one session: those between two endpoints whose stamps lie in `window`, by sequence number.
std::map<std::uint32_t, TruePacket> true_packets(const SimulatedWorld& world, const Endpoint& from, const Endpoint& to,
                                                 TimeRange window, Duration receiver_offset);

/// Compares every packet, count and statistic of `result` with the truth. Empty = equal; else the first difference.
std::string difference(const Result& result, const DirectionResult& direction,
                       const std::map<std::uint32_t, TruePacket>& truth, Duration loss_threshold);

}  // namespace sonde::test
