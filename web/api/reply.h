#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/quantity.h"
#include "core/base/time.h"
#include "core/measurement/metric.h"
#include "web/http.h"
#include "web/view.h"

namespace sonde::web {

/// {status, field, sentence}: every answer of 400 or more.
HttpResponse problem(int status, std::string_view field, std::string_view sentence);
HttpResponse problem(const Problem& problem);
HttpResponse json_reply(JsonWriter&& body, int status = 200);
/// With a header line that carries the units; `name` proposes a file name.
HttpResponse csv_reply(std::string body, std::string_view name);
HttpResponse no_content();
HttpResponse with_etag(HttpResponse response, std::uint64_t revision);

// Values as the API spells them.
std::string_view api_unit(Unit unit);
/// null where `time` is the zero of UTC, which means "not come about".
void time_field(JsonWriter& out, std::string_view name, UtcTime time, int digits = 3);
void time_field(JsonWriter& out, std::string_view name, const std::optional<UtcTime>& time, int digits = 3);
std::optional<double> seconds_of(const std::optional<Duration>& duration);
void clock_field(JsonWriter& out, std::string_view name, const ClockQuality& clock);

}  // namespace sonde::web
