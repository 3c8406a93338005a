#pragma once

#include "core/measurement/metric.h"

namespace sonde::throughput {

/// The probe's own, beside the standard ones.
std::span<const Metric> own_metrics();

namespace own {
extern const Metric &rate, &octets_sent, &octets_received, &retransmits, &tcp_round_trip, &tcp_least_round_trip,
    &window_max, &busy, &peer_window_limited, &send_buffer_limited, &jitter, &cpu, &latency_idle, &latency_loaded,
    &latency_added;
}  // namespace own

}  // namespace sonde::throughput
