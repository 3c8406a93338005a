#include "appliance/ports.h"

#include <iterator>

#include "core/host/shell_plan.h"

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

PortView for_operators(PortView port) {
  port.for_operators = true;
  return port;
}

std::string waiting_text(std::size_t n) {
  return (n == 1 ? "One key waits" : std::to_string(n) + " keys wait") + " to be let in at the machine's console (k).";
}

/// The appliance's shell: the root helper runs it.
PortView shell(const HostSettings& host, const MachineView& machine) {
  const std::size_t open = machine.shell_keys, waiting = machine.waiting_keys;
  std::string sentence;
  if (open > 0)
    sentence = "For " + (open == 1 ? "one key" : std::to_string(open) + " keys") + ", without passwords" +
               (host.managing ? ", only on the interface that manages." : ".");
  if (waiting > 0) sentence += (sentence.empty() ? "" : " ") + waiting_text(waiting);
  return {"remote shell (SSH)", "TCP", "in", kShellPort, kShellPort, open > 0, std::move(sentence)};
}

}  // namespace

std::vector<PortView> port_table(const Config& config, const Doors& doors, const MachineView* machine) {
  std::vector<PortView> ports = {for_operators(listener("web page and API (HTTPS)", doors.web))};
  if (doors.plain.wanted != 0) ports.push_back(for_operators(listener("leads to the web page (HTTP)", doors.plain)));
  if (machine && machine->shell_keys + machine->waiting_keys > 0)
    ports.push_back(for_operators(shell(config.host.value_or(HostSettings{}), *machine)));
  const auto [first, last] = config.settings.test_ports;
  const std::uint16_t throughput = doors.throughput.port;
  const PortView measuring[] = {
      listener("OWAMP control, asked by peers", doors.owamp),
      listener("throughput tests (iperf3), asked by peers", doors.throughput),
      {"data of UDP throughput tests", "UDP", "both", throughput, throughput, true,
       "Opened only while such a test runs, for its two ends only."},
      {"throughput tests (iperf3), asked of peers", "TCP", "out", 5201, 5201, true, {}},
      {"OWAMP control, asked of peers", "TCP", "out", 861, 861, true, {}},
      {"test packets", "UDP", "both", first, last, true, "Opened only while a test runs, for its two ends only."},
      {"ping (echo request and reply)", "ICMP", "both", 0, 0, true, {}},
      {"routes; routers and targets answer by ICMP", "UDP", "out", 33434, 33436, true, {}},
      {"does a peer offer TWAMP (reachability check)", "TCP", "out", 862, 862, true, {}},
  };
  ports.insert(ports.end(), std::begin(measuring), std::end(measuring));
  return ports;
}

}  // namespace sonde
