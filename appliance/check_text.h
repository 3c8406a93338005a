#pragma once

#include <string>

#include "core/host/fitness.h"

namespace sonde {

/// The report for a terminal of 80 columns: the sum, then what is bad, could be better and is not known, each with
/// reason and remedy, then what is good in one line each.
std::string check_text(const FitnessReport& report);

}  // namespace sonde
