#pragma once

#include <functional>
#include <vector>

#include "core/run/session.h"
#include "web/view.h"

namespace sonde {

/// Asks one address for ping, OWAMP (861), TWAMP (862) and iperf3 (5201) at once; calls `done` on the loop's thread
/// after at most 4 s with one Answer each, in this order. What does not answer says why and where to look.
SessionPtr make_peer_check(const IpAddress& target, int port_offset, std::uint64_t cookie,
                           std::function<void(std::vector<Answer>)> done);

}  // namespace sonde
