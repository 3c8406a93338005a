#pragma once

#include "core/run/probe_type.h"
#include "probes/owamp/schedule.h"

namespace sonde::owamp {

/// The options of the probe, in the order of the form.
std::span<const OptionSpec> option_specs();

/// What a test's specification says, read once.
struct Settings {
  std::uint32_t count = 0;  ///< packets of a single run, in each direction
  Duration interval{};      ///< mean time between packets
  Slot slot;                ///< the same for the wire
  bool forward = true, reverse = true;
  std::uint32_t padding = 0;  ///< octets
  Duration loss_threshold{};
  std::uint16_t port = 0;  ///< of the server's control connection
  std::uint8_t dscp = 0;
  Duration step{};  ///< of a continuous test: one session and one Result each; zero = a single run
};
Settings read_settings(const RunOrder& order);
/// As they stand in the Result.
std::map<std::string, std::string> parameters(const Settings& settings);

Cost cost(const TestSpec& spec);

}  // namespace sonde::owamp
