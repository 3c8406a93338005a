#pragma once

#include <string>

#include "core/base/json.h"
#include "core/host/fitness.h"

namespace sonde::web {

/// The whole report as GET /check gives it and "sonde check --json" prints it. `can_mend`: there is a root helper.
void write_check(JsonWriter& out, const FitnessReport& report, bool can_mend);
/// How many are bad and could be better, and the sentence; null where there is no report.
void write_fitness_sum(JsonWriter& out, const FitnessReport* report);

}  // namespace sonde::web
