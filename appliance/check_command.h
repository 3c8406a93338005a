#pragma once

#include <filesystem>
#include <span>

#include "core/run/probe_type.h"

namespace sonde {

struct CheckOrder {
  bool json = false;
};

/// "sonde check": judges this host and prints what was found. The clock's state is the node's where one runs with this
/// data folder, else chrony is asked, else the kernel. Takes two seconds, to see what the cores do. The exit code: 0,
/// or 3 when something is bad.
int check_host(const std::filesystem::path& data, const CheckOrder& order, std::span<const ProbeType* const> catalogue);

}  // namespace sonde
