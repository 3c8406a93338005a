#pragma once

#include "core/run/probe_type.h"
#include "probes/throughput/report.h"
#include "probes/throughput/settings.h"

namespace sonde::throughput {

/// What a run tells the node.
Result result_of(const Report& report, const RunOrder& order, const Settings& settings, ProbeContext& context);

}  // namespace sonde::throughput
