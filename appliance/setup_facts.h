#pragma once

#include <string>
#include <vector>

#include "core/net/network.h"
#include "core/setup/facts.h"

namespace sonde {

/// What this host knows of itself before anybody answered the set-up's questions. Waits for nothing but small files.
/// Whether the machine is ours to set, and its disks, are the root helper's to add (host_door.h).
SetupFacts setup_facts(const std::vector<InterfaceState>& interfaces);

/// "Europe/Zurich" of /usr/share/zoneinfo/Europe/Zurich, which /etc/localtime points to; UTC when it does not say.
std::string zone_of_link(const std::string& target);

}  // namespace sonde
