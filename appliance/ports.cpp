#include "appliance/ports.h"

namespace sonde {
namespace {

std::string moved(const Listening& one) {
  if (!one.error.empty()) return one.error;
  if (one.port == one.wanted) return {};
  return "Moved from " + std::to_string(one.wanted) +
         ": this node may not open that port, or runs with an offset. Peers must be told.";
}

PortView listener(std::string purpose, const Listening& one) {
  return {std::move(purpose), "TCP", "in", one.port, one.port, one.error.empty(), moved(one)};
}

}  // namespace

std::vector<PortView> port_table(const Settings& settings, const Doors& doors) {
  const auto [first, last] = settings.test_ports;
  return {
      listener("web page and API (HTTPS)", doors.web),
      listener("OWAMP control, asked by peers", doors.owamp),
      listener("throughput tests (iperf3), asked by peers", doors.throughput),
      {"data of UDP throughput tests", "UDP", "both", doors.throughput.port, doors.throughput.port, true,
       "Opened only while such a test runs, for its two ends only."},
      {"throughput tests (iperf3), asked of peers", "TCP", "out", 5201, 5201, true, {}},
      {"OWAMP control, asked of peers", "TCP", "out", 861, 861, true, {}},
      {"test packets", "UDP", "both", first, last, true, "Opened only while a test runs, for its two ends only."},
      {"ping (echo request and reply)", "ICMP", "both", 0, 0, true, {}},
      {"routes; routers and targets answer by ICMP", "UDP", "out", 33434, 33436, true, {}},
      {"does a peer offer TWAMP (reachability check)", "TCP", "out", 862, 862, true, {}},
  };
}

}  // namespace sonde
