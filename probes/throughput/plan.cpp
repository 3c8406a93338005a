#include "probes/throughput/plan.h"

namespace sonde::throughput {

Plan plan_of(const Parameters& p, End end) {
  Plan plan;
  plan.udp = p.udp;
  plan.block_octets = p.block_octets != 0 ? p.block_octets : p.udp ? kStandardUdpBlock : kStandardTcpBlock;
  plan.block_was_chosen = plan.block_octets != kStandardTcpBlock || p.blocks != 0;
  plan.rate_bps = p.rate_bps;
  plan.window_octets = p.window_octets;
  plan.traffic_class = static_cast<std::uint8_t>(p.traffic_class);
  plan.congestion = p.congestion;
  plan.no_delay = p.no_delay;
  plan.wide_counters = p.wide_counters;
  // With both ways the client's senders come first.
  const std::size_t both = p.both_ways ? 2 : 1;
  for (std::size_t i = 0; i < both * p.parallel; ++i) {
    const bool client_sends = p.both_ways ? i < p.parallel : !p.reverse;
    plan.flows.push_back({stream_id(i), client_sends == (end == End::client) ? Role::send : Role::receive});
  }
  return plan;
}

}  // namespace sonde::throughput
