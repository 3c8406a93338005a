#include <array>

#include "core/run/probe_type.h"
#include "probes/trace/session.h"

namespace sonde::trace {

extern const ProbeType probe_type;

namespace {

using namespace std::chrono_literals;

constexpr std::array kOptions = {
    OptionSpec{
        .name = "protocol",
        .summary = "What the probes are: UDP to closed ports, or ICMP echo. Firewalls often let one of them pass.",
        .kind = OptionKind::choice,
        .standard = "udp",
        .choices = "udp|icmp",
        .identity = true},
    OptionSpec{.name = "max_hops",
               .summary = "Routers on the way at most, the target included.",
               .kind = OptionKind::integer,
               .unit = "hops",
               .standard = "64",
               .least = 1,
               .most = kMostHops,
               .advanced = true},
    OptionSpec{.name = "wait",
               .summary = "How long to wait for one answer at most; a later one is still told.",
               .kind = OptionKind::duration,
               .standard = "1s",
               .least = 0.1,
               .most = 10,
               .advanced = true},
};

Plan plan_of(const TestSpec& spec) {
  return {.icmp = option(probe_type, spec, "protocol") == "icmp",
          .most_hops = static_cast<std::uint8_t>(integer_option(probe_type, spec, "max_hops")),
          .wait = duration_option(probe_type, spec, "wait")};
}

SessionPtr open(const RunOrder& order, ProbeContext& context) {
  return std::make_unique<TraceSession>(order, plan_of(order.spec), context);
}

/// For a way of 15 hops, which few are longer than. An answer quotes the probe: half as large again.
Cost cost(const TestSpec& spec) {
  constexpr double kHops = 15;
  const double a_day = runs_per_day(spec.schedule);
  const double octets = spec.family == Family::v4 ? 40 + 68 : 60 + 108;
  const double probes_per_second = kHops * kFlows * a_day / 86400;
  return {.packets_per_second = 2 * probes_per_second,
          .wire_bps = probes_per_second * 8 * octets,
          .results_per_day = a_day,
          .packet_records_per_day = 0,
          .series = static_cast<int>(trace_metrics().size())};
}

}  // namespace

const ProbeType probe_type = {
    .name = "trace",
    .title = "route",
    .summary = "Finds the routers on the way with probes that each load balancer sends the same way every time.",
    .metrics = trace_metrics(),
    .options = kOptions,
    .standard_schedule = {.kind = Schedule::Kind::every, .period = 10min, .spread = 1min},
    .cost = cost,
    .open = open,
};

}  // namespace sonde::trace
