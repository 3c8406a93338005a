#pragma once

#include <initializer_list>

#include "core/host/fitness.h"

// For the judge_*.cpp of this folder: each appends its findings, in the order in which people would look.
namespace sonde {

using Findings = std::vector<Finding>;

void judge_clock(const ClockFacts& clock, bool virtual_machine, Findings& out);
void judge_nics(const HostFacts& facts, Findings& out);
void judge_kernel(const HostFacts& facts, Findings& out);
void judge_cpu(const HostFacts& facts, const std::optional<CpuStretch>& stretch, Findings& out);
void judge_machine(const MachineFacts& machine, Findings& out);

/// On the live appliance nothing can be installed or written to its system: where its settings or its button mend it.
void for_appliance(Finding& finding);

// Sentences that several need.
std::string octets_text(std::uint64_t octets);           ///< "4.19 MB"
std::string rate_text(double bps);                       ///< "10 Gbit/s"
std::string share_text(double share);                    ///< "2.5 %"
std::string listed(const std::vector<std::string>& of);  ///< "a, b and c"
/// Lines that make the rows' settings valid, now and after a restart.
std::string sysctl_command(const HostFacts& facts, std::initializer_list<std::string_view> rows);
inline constexpr std::string_view kKeepSettings =
    "These lines hold after a restart too; the last one makes them valid now.";

}  // namespace sonde
