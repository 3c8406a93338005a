#pragma once

#include <string>

#include "probes/throughput/report.h"

namespace sonde::throughput {

/// The document that `iperf3 -c ... --json` prints, for tools that read it. Left out: what this end does not know, such
/// as the buffer sizes in use. "socket" is the stream's number.
std::string iperf3_document(const Report& report, const std::string& host);

}  // namespace sonde::throughput
