#pragma once

#include <cstddef>
#include <string>

#include "core/config/config.h"
#include "core/config/rules.h"

namespace sonde {

/// Of a day, that planned heavy tests may take: tests from outside and second tries need the rest.
inline constexpr double kMostOfDay = 0.8;

/// What all heavy tests together take of a day. Paused ones take nothing.
struct DayCost {
  std::size_t tests = 0;
  double slot_seconds = 0;  ///< of the one slot
  double wire_bytes = 0;    ///< as far as their probes can tell before they run
  double share = 0;         ///< of the day, 0..1 and beyond
};

/// Of a light or paused test: none.
double slot_seconds_per_day(const TestSpec& spec, Probes probes);
double wire_bytes_per_day(const TestSpec& spec, Probes probes);
DayCost day_cost(const Config& config, Probes probes);
/// "The 3 heavy tests would need 75,600 s of the slot a day, 88 % of it; ..."
std::string overfull(const DayCost& day);

}  // namespace sonde
