#include "core/run/probe_type.h"
#include "probes/owamp/client_session.h"
#include "probes/owamp/settings.h"

namespace sonde::owamp {

extern const ProbeType probe_type;
const ProbeType probe_type = {
    .name = "owamp",
    .title = "one-way delay and loss",
    .summary = "Sends stamped packets both ways between here and the peer, and tells each direction apart (RFC 4656).",
    .metrics = {},
    .options = option_specs(),
    .footprint = Footprint::light,
    .needs_peer = true,
    .two_directions = true,
    .standard_schedule = {.kind = Schedule::Kind::continuous, .period = std::chrono::seconds{60}},
    .well_known_port = 861,
    .cost = cost,
    .open = [](const RunOrder& order, ProbeContext& context) -> SessionPtr {
      const bool continuous = order.spec.schedule.kind == Schedule::Kind::continuous;
      return continuous ? make_continuous(order, context) : make_single_run(order, context);
    },
};

}  // namespace sonde::owamp
