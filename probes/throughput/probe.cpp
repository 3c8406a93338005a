#include "core/run/probe_type.h"
#include "probes/throughput/client.h"
#include "probes/throughput/metrics.h"
#include "probes/throughput/run_result.h"
#include "probes/throughput/throughput.h"

namespace sonde::throughput {

extern const ProbeType probe_type;

namespace {

using namespace std::chrono_literals;

SessionPtr open(const RunOrder& order, ProbeContext& context) {
  return make_client(order, context, make_thread_mover, [](const Report&) {});
}

}  // namespace

SessionPtr make_client(const RunOrder& order, ProbeContext& context, MakeMover make_mover,
                       std::function<void(const Report&)> look) {
  const Settings settings = read_settings(order);
  return std::make_unique<Client>(order, settings, context, std::move(make_mover),
                                  [order, settings, &context, look = std::move(look)](const Report& report) {
                                    look(report);
                                    context.report(result_of(report, order, settings, context));
                                  });
}

const ProbeType probe_type = {
    .name = "throughput",
    .title = "achievable throughput",
    .summary = "Fills the path for a while and tells how much gets through, as iperf3 does and with iperf3's protocol.",
    .metrics = own_metrics(),
    .options = option_specs(),
    .footprint = Footprint::saturating,
    .two_directions = true,
    .standard_schedule = {.kind = Schedule::Kind::every, .period = 2h, .spread = 10min},
    .well_known_port = kWellKnownPort,
    .cost = cost,
    .open = open,
};

}  // namespace sonde::throughput
