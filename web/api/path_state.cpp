#include "web/api/path_state.h"

namespace sonde::web {

std::string_view test_state(const Node&, const Snapshot& now, const TestSpec& spec) {
  const auto found = now.latest.find(spec.id);
  if (found == now.latest.end() || !found->second) return "unknown";
  return found->second->outcome == Outcome::done ? "learning" : "bad";
}

}  // namespace sonde::web
