#pragma once

#include <string>
#include <vector>

#include "core/net/network.h"
#include "core/setup/facts.h"

namespace sonde {

/// What this host knows of itself before anybody answered the set-up's questions. Waits for nothing but small files.
/// The one place that tells the questions whether the machine is ours to set: without a root helper it is not, so
/// `appliance` is false and there are no disks.
SetupFacts setup_facts(const std::vector<InterfaceState>& interfaces);

/// "Europe/Zurich" of /usr/share/zoneinfo/Europe/Zurich, which /etc/localtime points to; UTC when it does not say.
std::string zone_of_link(const std::string& target);

}  // namespace sonde
