#pragma once

#include <span>
#include <vector>

#include "core/measurement/result.h"

namespace sonde::ping {

/// PingER's own quantities, beside the standard ones. All are round-trip quantities.
std::span<const Metric> pinger_metrics();

/// Appends them for the first `count` records (one a request, in sending order; later copies are ignored).
void append_pinger_statistics(std::span<const PacketRecord> records, std::size_t count, std::vector<Statistic>& out);

}  // namespace sonde::ping
