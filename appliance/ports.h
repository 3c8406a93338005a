#pragma once

#include <vector>

#include "core/config/config.h"
#include "web/machine.h"
#include "web/view.h"

namespace sonde {

/// Where a responder or the page really listens; `error` is a sentence when it does not.
struct Listening {
  std::uint16_t wanted = 0, port = 0;
  std::string error;
};

/// What this node listens at. `plain`: without TLS, to lead to the page; wanted = 0 = not at all.
struct Doors {
  Listening web, plain, owamp, throughput;
};

/// Everything that this node opens or talks to, in words for the page and for a firewall administrator. `machine` =
/// nullptr: no appliance, or not known yet.
std::vector<PortView> port_table(const Config& config, const Doors& doors, const MachineView* machine = nullptr);

}  // namespace sonde
