#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"
#include "web/view.h"

namespace sonde::web {

void write_run(JsonWriter& out, const RunView& run);
/// The stream's "snapshot"; the public gets it without runs.
std::string snapshot_event_json(const Snapshot& now, bool sees_all);
/// What someone should act on now, each a sentence. The public is not told about the configuration.
std::vector<std::string> problems_of(const Snapshot& now, bool sees_all);

}  // namespace sonde::web
