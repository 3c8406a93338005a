#pragma once

#include <optional>
#include <string>

#include "core/base/json.h"
#include "web/view.h"

namespace sonde::web {

void write_schedule(JsonWriter& out, const Schedule& schedule);

/// Reads the form of a test into `spec`, which keeps its id, revision and self_check. A missing schedule is the
/// probe's own. Rules beyond the form's are core/config's.
std::optional<Problem> read_test(const Json& body, const Node& node, TestSpec& spec);

void write_cost(JsonWriter& out, const Node& node, const TestSpec& spec);
/// "one-way delay to gva-2, 10 packets/s, all day".
std::string test_sentence(const Node& node, const Config& config, const TestSpec& spec);
/// "PEER.v4", and the configured own address in hexadecimal where there is one; empty for tests about this node.
std::string path_id(const TestSpec& spec);

}  // namespace sonde::web
