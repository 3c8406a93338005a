#pragma once

#include "probes/owamp/plan.h"

namespace sonde::test {

using namespace std::chrono_literals;

inline const UtcTime kPlanStart = *parse_utc("2026-11-21T06:14:00Z");

/// Evenly spaced packets: number n is due at kPlanStart + n * interval.
inline owamp::Plan even_plan(std::uint32_t packets, Duration interval = 100ms, Duration timeout = 1s,
                             std::uint32_t padding = 0) {
  owamp::Request request;
  request.packets = packets;
  request.padding = padding;
  request.timeout = amp::to_ntp_length(timeout);
  request.start = amp::to_ntp(kPlanStart - interval);
  request.slots = {{owamp::Slot::Kind::fixed, amp::to_ntp_length(interval)}};
  owamp::Plan plan = owamp::make_plan(std::move(request), kPlanStart);
  for (std::uint32_t i = 0; i < packets; ++i) plan.due[i] = kPlanStart + interval * static_cast<int>(i);
  return plan;
}

}  // namespace sonde::test
