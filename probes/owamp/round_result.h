#pragma once

#include "core/run/probe_type.h"
#include "probes/owamp/round.h"
#include "probes/owamp/settings.h"

namespace sonde::owamp {

/// What a round has to say, once it is over: done where at least one direction was measured, failed else.
Result result_of(const Round& round, const RunOrder& order, const Settings& settings, ProbeContext& context);

/// What the reverse session shows while it runs: packets that came and packets that are surely lost.
Result live_result(const Round& round, const ReverseSession& reverse, const RunOrder& order, const Settings& settings,
                   ProbeContext& context);

/// A run that has nothing to show but a sentence.
Result failed_result(const TimeRange& window, const std::string& sentence, const RunOrder& order,
                     const Settings& settings, ProbeContext& context);

}  // namespace sonde::owamp
