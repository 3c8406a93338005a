#pragma once

#include <string>
#include <vector>

namespace sonde {

/// What chronyd is told. `servers` empty = those of DHCP, else Debian's pool. `reference_clock`: a PTP clock of the
/// virtual machine's host, "/dev/ptp0"; empty = none.
std::string chrony_text(const std::vector<std::string>& servers, const std::string& reference_clock);

}  // namespace sonde
