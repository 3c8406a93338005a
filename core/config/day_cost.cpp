#include "core/config/day_cost.h"

#include <cmath>

namespace sonde {
namespace {

constexpr double kDay = 86'400;

}  // namespace

double slot_seconds_per_day(const TestSpec& spec, Probes probes) {
  const ProbeType* type = find_probe(probes, spec.probe);
  if (spec.paused || !type || type->footprint != Footprint::saturating || !type->cost) return 0;
  return type->cost(spec).slot_seconds * runs_per_day(spec.schedule);
}

double wire_bytes_per_day(const TestSpec& spec, Probes probes) {
  const ProbeType* type = find_probe(probes, spec.probe);
  return type && type->cost ? type->cost(spec).wire_bps / 8 * kDay : 0;
}

DayCost day_cost(const Config& config, Probes probes) {
  DayCost day;
  for (const TestSpec& spec : config.tests) {
    const double seconds = slot_seconds_per_day(spec, probes);
    if (seconds <= 0) continue;
    ++day.tests;
    day.slot_seconds += seconds;
    day.wire_bytes += wire_bytes_per_day(spec, probes);
  }
  day.share = day.slot_seconds / kDay;
  return day;
}

std::string overfull(const DayCost& day) {
  const auto whole = [](double value) { return std::to_string(std::llround(value)); };
  return "The day is overfull: " + whole(static_cast<double>(day.tests)) +
         (day.tests == 1 ? " heavy test needs " : " heavy tests together need ") + whole(day.slot_seconds) +
         " s of the slot a day, " + whole(100 * day.share) + " % of it; allowed is 80 %, " + whole(kMostOfDay * kDay) +
         " s, because tries again and tests from outside need the rest. Measure less often, shorter, or delete a test.";
}

}  // namespace sonde
