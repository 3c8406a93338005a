#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/host/host_facts.h"
#include "core/host/tuning.h"

namespace sonde {

/// One answer to "is this host fit to measure?". All texts are for a person who knows networks.
struct Finding {
  /// bad: measurements from here cannot be trusted, or fail; watch: they could be better; unknown: this host does not
  /// say. In the order in which they are shown.
  enum class State : std::uint8_t { bad, watch, unknown, good };
  std::string key;    ///< never changes: "clock.synchronised", "nic.eth0.link"
  std::string title;  ///< "Clock", "eth0: link"
  State state = State::unknown;
  std::string is;                      ///< what it is, with its unit
  std::string should;                  ///< what it should be
  std::string why;                     ///< what it does to a measurement
  std::string how;                     ///< how to mend it on an ordinary Debian host, in words; empty where it is good
  std::string command;                 ///< what to type for it; may be empty, and several lines
  std::vector<std::string_view> rows;  ///< of the tuning table, which mend it; empty = the appliance has no button
};
/// "good", "could be better", "bad", "not known".
std::string_view words_of(Finding::State state);

/// Judges everything that the facts tell, worst first. Pure. `stretch` = what the cores did lately; empty = there was
/// one reading only.
std::vector<Finding> judge(const HostFacts& facts, const std::optional<CpuStretch>& stretch);

/// One look at a host: what the page, the API and "sonde check" show.
struct FitnessReport {
  UtcTime made{};
  std::optional<CpuStretch> stretch;
  std::vector<Finding> findings;    ///< worst first
  std::vector<TuningState> tuning;  ///< of every row of the table
};
FitnessReport make_report(const HostFacts& facts, const std::optional<CpuStretch>& stretch, UtcTime now);
std::size_t count(const std::vector<Finding>& findings, Finding::State state);
/// "1 thing is bad, 2 could be better."
std::string summary(const std::vector<Finding>& findings);

}  // namespace sonde
