#pragma once

#include "core/run/probe_type.h"
#include "probes/throughput/mover.h"
#include "probes/throughput/report.h"

namespace sonde::throughput {

/// The client with a mover of the caller's choice: simulated worlds bring one that moves no data. `look` sees
/// everything that is known, before the Result is reported.
SessionPtr make_client(const RunOrder& order, ProbeContext& context, MakeMover make_mover,
                       std::function<void(const Report&)> look);

}  // namespace sonde::throughput
