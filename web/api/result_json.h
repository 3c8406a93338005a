#pragma once

#include <string>

#include "core/archive/archive.h"
#include "core/base/json.h"
#include "core/measurement/result.h"

namespace sonde::web {

/// How much of a Result is written: lists and streams leave log and histograms out.
enum class Detail : std::uint8_t { brief, full, full_without_log };

/// The Result of openapi.json: for the API, the event stream and `sonde measure --json` alike.
void write_result(JsonWriter& out, const Result& result, Detail detail);
std::string result_json(const Result& result, Detail detail = Detail::brief);

void write_event(JsonWriter& out, const Event& event);
std::string event_json(const Event& event);

}  // namespace sonde::web
