#pragma once

#include <string>

#include "core/config/config.h"

namespace sonde {

/// The rules of nftables for what the configuration enables, as a whole to be loaded at once. Without connection
/// tracking: it would cost every test packet a look-up, and its table would be the first thing to overflow. `managing`:
/// the only interface that shows the page and the shell; empty = all do.
std::string firewall_text(const Config& config, const std::string& managing);

}  // namespace sonde
