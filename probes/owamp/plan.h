#pragma once

#include "probes/owamp/wire.h"

namespace sonde::owamp {

/// One test session as both of its ends know it: what was asked for and accepted, and when each packet is due.
struct Plan {
  Request request;           ///< with the ports and the SID that were agreed
  Duration timeout{};        ///< a packet that has not come this long after it was due is lost
  std::vector<UtcTime> due;  ///< ascending; one for each packet
  UtcTime last_due() const { return due.empty() ? UtcTime{} : due.back(); }
};

Plan make_plan(Request request, UtcTime near);

/// How many packets of `plan` are due before `end`.
std::uint32_t packets_before(const Plan& plan, UtcTime end);

}  // namespace sonde::owamp
