#pragma once

#include <string>

#include "core/measurement/result.h"
#include "probes/throughput/wire.h"

namespace sonde::throughput {

/// What kept our TCP sender from more, in one sentence, as far as its own kernel tells: "The path was the limit: ...".
/// Empty where we did not send, or by UDP. Reads the statistics of `result`.
std::string limit_sentence(const Result& result, const Parameters& asked);

}  // namespace sonde::throughput
