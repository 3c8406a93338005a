#pragma once

#include <string>

#include "core/measurement/result.h"

namespace sonde {

/// A throughput run in words, a line each: what each direction moved and repeated or lost, how much delay the load
/// added or why nobody knows, and what limited the sender. Empty for other results, and where no data moved. Each line
/// ends with a line feed.
std::string throughput_lines(const Result& result);

}  // namespace sonde
