#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/measurement/test_spec.h"
#include "core/run/probe_type.h"

namespace sonde {

struct FieldProblem {
  std::string field;  ///< "schedule.period", "options.count"
  std::string sentence;
};

/// Every rule of one test on its own. `peer` is the one it names, null when there is none of that id.
std::optional<FieldProblem> check_test(const TestSpec& spec, const Peer* peer,
                                       std::span<const ProbeType* const> probes);

}  // namespace sonde
