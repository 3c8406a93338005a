#include "probes/throughput/settings.h"

#include "probes/throughput/plan.h"

namespace sonde::throughput {

extern const ProbeType probe_type;

namespace {

constexpr std::uint64_t kStandardUdpRate = 1'048'576;
// Fits an Ethernet frame with the IP and UDP headers, and is what iperf3 derives from a common TCP connection.
constexpr std::uint64_t kUdpBlockV4 = 1448, kUdpBlockV6 = 1428;

const OptionSpec kOptions[] = {
    {.name = "protocol",
     .summary = "What carries the data.",
     .kind = OptionKind::choice,
     .standard = "tcp",
     .choices = "tcp|udp",
     .identity = true},
    {.name = "duration",
     .summary = "How long the data flows; not used where octets or blocks are given.",
     .kind = OptionKind::duration,
     .standard = "30s",
     .least = 1,
     .most = 3600},
    {.name = "direction",
     .summary = "forward = from here to the peer, reverse = from the peer to here, both = at the same time.",
     .kind = OptionKind::choice,
     .standard = "forward",
     .choices = "forward|reverse|both",
     .identity = true},
    {.name = "parallel",
     .summary = "Streams at the same time in each direction.",
     .kind = OptionKind::integer,
     .unit = "",
     .standard = "1",
     .least = 1,
     .most = kMostStreams,
     .identity = true},
    {.name = "rate",
     .summary = "Rate of each stream; 0 = as fast as TCP goes, and 1 Mbit/s for UDP.",
     .kind = OptionKind::number,
     .unit = "bit/s",
     .standard = "0",
     .least = 0,
     .most = 1e12,
     .identity = true},
    {.name = "octets",
     .summary =
         "End after so many octets over all streams, the last block of each whole, instead of by time; 0 = by time.",
     .kind = OptionKind::integer,
     .unit = "octets",
     .standard = "0",
     .least = 0,
     .most = 1e15,
     .advanced = true},
    {.name = "blocks",
     .summary = "End after so many blocks or datagrams over all streams; 0 = by time.",
     .kind = OptionKind::integer,
     .unit = "",
     .standard = "0",
     .least = 0,
     .most = 1e12,
     .advanced = true},
    {.name = "length",
     .summary = "Octets of one write, or of one UDP datagram; 0 = 131072, or what fits an Ethernet frame.",
     .kind = OptionKind::integer,
     .unit = "octets",
     .standard = "0",
     .least = 0,
     .most = kMostTcpBlock,
     .identity = true,
     .advanced = true},
    {.name = "window",
     .summary = "Send and receive buffer of each stream at both ends; 0 = the kernel's own choice.",
     .kind = OptionKind::integer,
     .unit = "octets",
     .standard = "0",
     .least = 0,
     .most = 536'870'912,
     .identity = true,
     .advanced = true},
    {.name = "omit",
     .summary = "Time at the start that is not counted: TCP's slow start.",
     .kind = OptionKind::duration,
     .standard = "0s",
     .least = 0,
     .most = 600,
     .identity = true,
     .advanced = true},
    {.name = "congestion",
     .summary = "TCP congestion control at both ends, such as cubic or bbr; empty = each host's own.",
     .kind = OptionKind::text,
     .standard = "",
     .least = 0,
     .most = 15,
     .identity = true,
     .advanced = true},
    {.name = "mss",
     .summary = "Greatest TCP segment; 0 = what the path allows.",
     .kind = OptionKind::integer,
     .unit = "octets",
     .standard = "0",
     .least = 0,
     .most = 32'767,
     .identity = true,
     .advanced = true},
    {.name = "latency",
     .summary = "Ping beside the data, and two seconds before: how much delay the load adds.",
     .kind = OptionKind::choice,
     .standard = "yes",
     .choices = "yes|no",
     .advanced = true},
    {.name = "port",
     .summary = "TCP and UDP port of the peer's server; 0 = 5201.",
     .kind = OptionKind::integer,
     .unit = "",
     .standard = "0",
     .least = 0,
     .most = 65535,
     .advanced = true},
};

std::uint64_t whole(const TestSpec& spec, std::string_view name) {
  return static_cast<std::uint64_t>(integer_option(probe_type, spec, name));
}

std::uint16_t server_port(const RunOrder& order) {
  if (order.port) return *order.port;
  const auto asked = static_cast<std::uint16_t>(integer_option(probe_type, order.spec, "port"));
  return asked != 0 ? asked : static_cast<std::uint16_t>(kWellKnownPort + order.port_offset);
}

/// iperf3 knows whole seconds only; a part counts as one.
std::uint64_t seconds_of(Duration time) {
  return static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

std::uint64_t octets_of(const Parameters& p, double seconds) {
  const std::uint64_t goal = p.octets + p.blocks * (p.block_octets != 0 ? p.block_octets : kStandardTcpBlock);
  if (goal != 0) return goal;
  // Without a rate nobody knows; a gigabit a second is what the sum is made with.
  const double rate = p.rate_bps != 0 ? static_cast<double>(p.rate_bps * p.parallel) : 1e9;
  return static_cast<std::uint64_t>(rate / 8 * seconds);
}

}  // namespace

std::span<const OptionSpec> option_specs() { return kOptions; }

Settings read_settings(const RunOrder& order) {
  const TestSpec& spec = order.spec;
  Settings settings;
  Parameters& p = settings.parameters;
  p.udp = option(probe_type, spec, "protocol") == "udp";
  p.octets = whole(spec, "octets");
  p.blocks = whole(spec, "blocks");
  if (p.octets == 0 && p.blocks == 0) p.seconds = seconds_of(duration_option(probe_type, spec, "duration"));
  p.omit_seconds = seconds_of(duration_option(probe_type, spec, "omit"));
  p.parallel = whole(spec, "parallel");
  const std::string direction = option(probe_type, spec, "direction");
  p.reverse = direction == "reverse";
  p.both_ways = direction == "both";
  p.rate_bps = static_cast<std::uint64_t>(number_option(probe_type, spec, "rate"));
  if (p.udp && p.rate_bps == 0) p.rate_bps = kStandardUdpRate;
  p.block_octets = whole(spec, "length");
  if (p.block_octets == 0)
    p.block_octets = !p.udp ? kStandardTcpBlock : spec.family == Family::v4 ? kUdpBlockV4 : kUdpBlockV6;
  p.window_octets = whole(spec, "window");
  p.congestion = option(probe_type, spec, "congestion");
  p.segment_octets = whole(spec, "mss");
  p.traffic_class = std::uint64_t{spec.type_p.dscp} << 2;
  p.wide_counters = p.udp && p.rate_bps > 1'000'000'000;
  settings.latency = option(probe_type, spec, "latency") == "yes";
  settings.port = server_port(order);
  return settings;
}

std::string conflict_of(const Settings& settings) {
  const Parameters& p = settings.parameters;
  if (p.octets != 0 && p.blocks != 0) return "Give octets or blocks, not both: each ends the test.";
  if (p.udp && (p.block_octets < kLeastUdpBlock || p.block_octets > kMostUdpBlock))
    return "length " + std::to_string(p.block_octets) + ": a UDP datagram takes " + std::to_string(kLeastUdpBlock) +
           " to " + std::to_string(kMostUdpBlock) + " octets.";
  if (p.udp && (p.segment_octets != 0 || !p.congestion.empty()))
    return "mss and congestion belong to TCP; leave them out with UDP.";
  return {};
}

std::map<std::string, std::string> parameters(const Settings& settings) {
  const Parameters& p = settings.parameters;
  std::map<std::string, std::string> list{
      {"protocol", p.udp ? "UDP" : "TCP"},      {"direction", p.both_ways ? "both" : p.reverse ? "reverse" : "forward"},
      {"parallel", std::to_string(p.parallel)}, {"length", std::to_string(p.block_octets) + " octets"},
      {"port", std::to_string(settings.port)},  {"dscp", std::to_string(p.traffic_class >> 2)},
  };
  if (p.seconds != 0) list["duration"] = std::to_string(p.seconds) + " s";
  if (p.octets != 0) list["octets"] = std::to_string(p.octets);
  if (p.blocks != 0) list["blocks"] = std::to_string(p.blocks);
  if (p.rate_bps != 0) list["rate"] = std::to_string(p.rate_bps) + " bit/s";
  if (p.window_octets != 0) list["window"] = std::to_string(p.window_octets) + " octets";
  if (p.omit_seconds != 0) list["omit"] = std::to_string(p.omit_seconds) + " s";
  if (p.segment_octets != 0) list["mss"] = std::to_string(p.segment_octets) + " octets";
  return list;
}

Cost cost(const TestSpec& spec) {
  RunOrder order;
  order.spec = spec;
  const Parameters p = read_settings(order).parameters;
  const double directions = p.both_ways ? 2 : 1;
  const double a_day = runs_per_day(spec.schedule);
  Cost cost;
  cost.series = 12 * static_cast<int>(directions);
  // Set-up, exchange of results and, for tests without a time, as long as one with the standard time.
  cost.slot_seconds = static_cast<double>(p.seconds != 0 ? p.seconds : 30) + static_cast<double>(p.omit_seconds) + 10;
  const double octets = directions * static_cast<double>(octets_of(p, static_cast<double>(p.seconds + p.omit_seconds)));
  cost.results_per_day = a_day;
  cost.wire_bps = octets * 8 * a_day / 86'400;
  cost.packets_per_second = octets / static_cast<double>(p.udp ? p.block_octets : 1448) * a_day / 86'400;
  return cost;
}

}  // namespace sonde::throughput
