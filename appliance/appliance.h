#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/run/probe_type.h"
#include "web/view.h"

namespace sonde {

struct RunOptions {
  std::filesystem::path data;
  std::string listen;  ///< one address, or empty for all
  int port_offset = 0;
  std::uint16_t web_port = 0;  ///< 0 = 8443; on the live appliance 443
  bool appliance = false;      ///< the live appliance: the machine is ours, a root helper answers
};

/// The node with everything on it, until INT or TERM. Returns the exit code; throws Error when it cannot start.
int run_appliance(const RunOptions& options, std::span<const ProbeType* const> catalogue);

}  // namespace sonde
