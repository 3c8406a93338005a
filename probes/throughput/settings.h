#pragma once

#include "core/run/probe_type.h"
#include "probes/throughput/wire.h"

namespace sonde::throughput {

/// The options of the probe, in the order of the form.
std::span<const OptionSpec> option_specs();

/// What a test's specification says, read once.
struct Settings {
  Parameters parameters;
  std::uint16_t port = 0;  ///< of the server
  bool latency = true;     ///< a light stream of pings runs beside the data
};
Settings read_settings(const RunOrder& order);
/// A sentence where options do not go together, or empty.
std::string conflict_of(const Settings& settings);
/// As they stand in the Result.
std::map<std::string, std::string> parameters(const Settings& settings);

Cost cost(const TestSpec& spec);

}  // namespace sonde::throughput
