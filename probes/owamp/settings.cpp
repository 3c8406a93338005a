#include "probes/owamp/settings.h"

#include "core/measurement/metric.h"
#include "probes/owamp/wire.h"

namespace sonde::owamp {

extern const ProbeType probe_type;

namespace {

constexpr std::uint16_t kWellKnownPort = 861;
constexpr Duration kStandardStep = std::chrono::seconds{60};

const OptionSpec kOptions[] = {
    {.name = "count",
     .summary = "Packets of a single run, in each direction.",
     .kind = OptionKind::integer,
     .unit = "packets",
     .standard = "50",
     .least = 1,
     .most = 100'000},
    {.name = "interval",
     .summary = "Mean time between packets.",
     .kind = OptionKind::duration,
     .unit = "",
     .standard = "100ms",
     .least = 0.001,
     .most = 10},
    {.name = "schedule",
     .summary = "How packets are spaced: at random (Poisson) or evenly (periodic).",
     .kind = OptionKind::choice,
     .standard = "poisson",
     .choices = "poisson|periodic",
     .advanced = true},
    {.name = "loss_threshold",
     .summary = "A packet that has not come this long after it was due is lost.",
     .kind = OptionKind::duration,
     .unit = "",
     .standard = "10s",
     .least = 0.1,
     .most = 60,
     .identity = true},
    {.name = "direction",
     .summary = "forward = from here to the peer, reverse = from the peer to here.",
     .kind = OptionKind::choice,
     .standard = "both",
     .choices = "both|forward|reverse"},
    {.name = "padding",
     .summary = "Octets behind the 14 that each test packet has.",
     .kind = OptionKind::integer,
     .unit = "octets",
     .standard = "0",
     .least = 0,
     .most = 9000,
     .identity = true,
     .advanced = true},
    {.name = "port",
     .summary = "TCP port of the peer's OWAMP server; 0 = the well-known one.",
     .kind = OptionKind::integer,
     .unit = "",
     .standard = "0",
     .least = 0,
     .most = 65535,
     .advanced = true},
};

std::uint16_t server_port(const RunOrder& order) {
  if (order.port) return *order.port;
  const auto asked = static_cast<std::uint16_t>(integer_option(probe_type, order.spec, "port"));
  return asked != 0 ? asked : static_cast<std::uint16_t>(kWellKnownPort + order.port_offset);
}

}  // namespace

std::span<const OptionSpec> option_specs() { return kOptions; }

Settings read_settings(const RunOrder& order) {
  const TestSpec& spec = order.spec;
  Settings settings;
  settings.count = static_cast<std::uint32_t>(integer_option(probe_type, spec, "count"));
  settings.interval = duration_option(probe_type, spec, "interval");
  const bool periodic = option(probe_type, spec, "schedule") == "periodic";
  settings.slot = {periodic ? Slot::Kind::fixed : Slot::Kind::exponential, amp::to_ntp_length(settings.interval)};
  const std::string direction = option(probe_type, spec, "direction");
  settings.forward = direction != "reverse";
  settings.reverse = direction != "forward";
  settings.padding = spec.type_p.payload_octets != 0
                         ? spec.type_p.payload_octets
                         : static_cast<std::uint32_t>(integer_option(probe_type, spec, "padding"));
  settings.loss_threshold = duration_option(probe_type, spec, "loss_threshold");
  settings.port = server_port(order);
  settings.dscp = spec.type_p.dscp;
  if (spec.schedule.kind == Schedule::Kind::continuous)
    settings.step = spec.schedule.period > Duration::zero() ? spec.schedule.period : kStandardStep;
  return settings;
}

std::map<std::string, std::string> parameters(const Settings& settings) {
  std::map<std::string, std::string> list{
      {"interval", format_duration(settings.interval)},
      {"schedule", settings.slot.kind == Slot::Kind::fixed ? "periodic" : "poisson"},
      {"loss_threshold", format_duration(settings.loss_threshold)},
      {"direction", !settings.reverse   ? "forward"
                    : !settings.forward ? "reverse"
                                        : "both"},
      {"padding", std::to_string(settings.padding) + " octets"},
      {"port", std::to_string(settings.port)},
      {"dscp", std::to_string(settings.dscp)},
  };
  if (settings.step == Duration::zero()) list["count"] = std::to_string(settings.count);
  return list;
}

Cost cost(const TestSpec& spec) {
  RunOrder order;
  order.spec = spec;
  const Settings settings = read_settings(order);
  const double seconds = to_seconds(settings.interval);
  const double directions = settings.forward && settings.reverse ? 2 : 1;
  const double headers = spec.family == Family::v4 ? 28 : 48;
  Cost cost;
  double packets_per_day = 0;
  if (spec.schedule.kind == Schedule::Kind::continuous) {
    packets_per_day = directions * 86'400 / seconds;
    cost.results_per_day = 86'400 / to_seconds(settings.step);
  } else {
    cost.results_per_day = runs_per_day(spec.schedule);
    packets_per_day = directions * settings.count * cost.results_per_day;
  }
  cost.packets_per_second = packets_per_day / 86'400;
  cost.wire_bps = cost.packets_per_second * 8 * (headers + kTestHeader + settings.padding);
  cost.packet_records_per_day = packets_per_day;
  cost.series = static_cast<int>(directions) * static_cast<int>(standard_metrics().size());
  return cost;
}

}  // namespace sonde::owamp
