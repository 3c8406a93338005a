#include "probes/owamp/plan.h"

#include <algorithm>

namespace sonde::owamp {

Plan make_plan(Request request, UtcTime near) {
  Plan plan;
  plan.timeout = amp::to_duration(request.timeout);
  plan.due = make_utc_schedule(request.sid, request.start, request.slots, request.packets, near);
  plan.request = std::move(request);
  return plan;
}

std::uint32_t packets_before(const Plan& plan, UtcTime end) {
  return static_cast<std::uint32_t>(std::ranges::lower_bound(plan.due, end) - plan.due.begin());
}

}  // namespace sonde::owamp
