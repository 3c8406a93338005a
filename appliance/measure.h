#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "core/run/probe_type.h"

namespace sonde {

/// `sonde measure`: one run of one probe from the command line, without a running node.
struct MeasureOrder {
  std::string probe, host;
  std::optional<Family> family;  ///< empty: IPv4 if the host has it, else IPv6
  std::string source;            ///< own address, or empty
  std::optional<std::uint16_t> port;
  int port_offset = 0;
  std::map<std::string, std::string> options;
  bool json = false;
  bool iperf3_json = false;  ///< throughput only: iperf3's own document
  std::string raw_file;
};

/// Progress on standard error, the result on standard output. 0 = measured, 1 = the measurement failed, 2 = the order
/// makes no sense (said on standard error). Throws Error when the host is at fault.
int measure(const MeasureOrder& order, std::span<const ProbeType* const> catalogue);

/// Who vouches for this host's clock, asked now: chrony, else the kernel. At most a second.
ClockQuality clock_here(std::span<const ProbeType* const> catalogue);

}  // namespace sonde
