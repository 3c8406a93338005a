#include "web/api/change.h"

#include "core/config/rules.h"
#include "web/api/reply.h"

namespace sonde::web {
namespace {

/// A rule that somebody else's value meets first would be told as a conflict: duplicates, counts.
int status_of(const ConfigProblem& broken) {
  const bool taken = broken.sentence.find("that no other") != std::string::npos ||
                     broken.sentence.find("at most") != std::string::npos;
  return taken && (broken.field.empty() || broken.field == "name" || broken.field == "address") ? 409 : 422;
}

}  // namespace

std::optional<HttpResponse> apply(Call& call, std::string_view section, std::optional<std::uint64_t> if_revision,
                                  Node::Edit edit) {
  const auto probes = call.node().probes();
  auto checked = [edit = std::move(edit), probes,
                  section = std::string(section)](Config& config) -> std::optional<Problem> {
    const Config before = config;
    if (auto refused = edit(config)) return refused;
    carry_revisions(before, config, probes);
    const auto broken = check(config, probes);
    if (!broken) return std::nullopt;
    // of peers and tests one is edited at a time, the limits table and the pauses come whole
    const bool whole = section == "engines" || section == "pauses";
    const std::string at = whole ? "items." + std::to_string(broken->index) + "." : "";
    const std::string field = broken->section == section ? at + broken->field : broken->section + "." + broken->field;
    return Problem{status_of(*broken), field, broken->sentence};
  };
  return refusal_of(call.node().change(std::move(checked), if_revision));
}

}  // namespace sonde::web
