#pragma once

#include <stop_token>
#include <string>

#include "core/base/json.h"
#include "core/base/time.h"

namespace sonde {

/// Whether this is the live appliance: a root helper answers here.
bool has_host_helper();

/// One request to the root helper: a word and its arguments as JSON text ("{}" = none). Its answer, an object. Throws
/// Error with the helper's sentence when it refused, or when there is none. Waits at most `limit`, and no longer than
/// `stop` lets it: the helper goes on all the same.
Json ask_host(const std::string& word, const std::string& arguments = "{}", Duration limit = std::chrono::seconds(20),
              const std::stop_token& stop = {});

}  // namespace sonde
