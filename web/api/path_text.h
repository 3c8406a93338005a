#pragma once

#include <string>

#include "core/judge/judge.h"

namespace sonde::web {

std::string seconds_text(double seconds);           ///< "13.1 ms", "850 µs"
std::string share_text(double share);               ///< "2.1 %"
std::string clock_text(UtcTime time, UtcTime now);  ///< "13:40 UTC", or with its date when it is not today
/// What a person would say about one direction: "2.1 % loss since 13:40 UTC, usually 0.01 %".
std::string direction_sentence(const Judged& judged, UtcTime now);
/// Of a run by itself, that nothing judges: "throughput 941 Mbit/s to it, 13:40 UTC", or its sentence.
std::string run_sentence(const Result& result, UtcTime now);

}  // namespace sonde::web
