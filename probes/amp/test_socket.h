#pragma once

#include <utility>

#include "core/base/random.h"
#include "core/run/session.h"

namespace sonde::amp {

using PortRange = std::pair<std::uint16_t, std::uint16_t>;  ///< both included; {0, 0} = the kernel chooses

/// A UDP socket for test packets on a free port of the range, tried from a random one on so that a firewall sees all of
/// it used and a stranger cannot guess. The error says so where every port is taken.
Opened open_test_socket(Outbox& out, const IpAddress& local, PortRange ports, std::uint8_t dscp, Random& random);

}  // namespace sonde::amp
