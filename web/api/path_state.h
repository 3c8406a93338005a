#pragma once

#include <string_view>

#include "web/view.h"

namespace sonde::web {

/// How the newest Result of a test stands against the test's own normal: "good", "watch", "bad", "learning", "unknown".
std::string_view test_state(const Node& node, const Snapshot& now, const TestSpec& spec);

}  // namespace sonde::web
