#include <array>

#include "core/run/probe_type.h"
#include "probes/ping/pinger.h"
#include "probes/ping/session.h"

namespace sonde::ping {

extern const ProbeType probe_type;

namespace {

using namespace std::chrono_literals;

constexpr std::array kOptions = {
    OptionSpec{.name = "count",
               .summary = "Pings in one run.",
               .kind = OptionKind::integer,
               .unit = "packets",
               .standard = "10",
               .least = 1,
               .most = 10000},
    OptionSpec{.name = "interval",
               .summary = "Time from one ping to the next.",
               .kind = OptionKind::duration,
               .standard = "1s",
               .least = 0.01,
               .most = 60},
    OptionSpec{.name = "size",
               .summary = "Octets after the ICMP header; 1000 is PingER's.",
               .kind = OptionKind::integer,
               .unit = "octets",
               .standard = "1000",
               .least = kLeastPayload,
               .most = 65000,
               .identity = true},
    OptionSpec{.name = "loss_threshold",
               .summary = "A ping not answered within this time is lost.",
               .kind = OptionKind::duration,
               .standard = "10s",
               .least = 0.1,
               .most = 60,
               .identity = true,
               .advanced = true},
};

Plan plan_of(const TestSpec& spec) {
  Plan plan;
  plan.count = static_cast<std::uint32_t>(integer_option(probe_type, spec, "count"));
  plan.interval = duration_option(probe_type, spec, "interval");
  plan.payload_octets = static_cast<std::uint32_t>(integer_option(probe_type, spec, "size"));
  plan.loss_threshold = duration_option(probe_type, spec, "loss_threshold");
  return plan;
}

SessionPtr open(const RunOrder& order, ProbeContext& context) {
  return std::make_unique<PingSession>(order, plan_of(order.spec), context);
}

Cost cost(const TestSpec& spec) {
  const Plan plan = plan_of(spec);
  const double a_day = runs_per_day(spec.schedule);
  const double packets_per_second = 2.0 * plan.count * a_day / 86400;
  const double headers = kHeaderOctets + (spec.family == Family::v4 ? 20 : 40);
  return {.packets_per_second = packets_per_second,
          .wire_bps = packets_per_second * 8 * (plan.payload_octets + headers),
          .results_per_day = a_day,
          .packet_records_per_day = a_day * plan.count,
          .series = static_cast<int>(standard_metrics().size() + pinger_metrics().size())};
}

}  // namespace

const ProbeType probe_type = {
    .name = "ping",
    .title = "round trip by ping",
    .summary = "Sends ICMP echo requests and tells round-trip delay, loss, order and PingER's quantities.",
    .metrics = pinger_metrics(),
    .options = kOptions,
    .standard_schedule = {.kind = Schedule::Kind::every, .period = 5min, .spread = 30s},
    .cost = cost,
    .open = open,
};

}  // namespace sonde::ping
