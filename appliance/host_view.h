#pragma once

#include "core/base/json.h"
#include "web/machine.h"

namespace sonde {

// The root helper's answers as values; what they do not tell is left as it was.

/// Of the word "state".
void read_host_state(const Json& answer, MachineView& view);
/// Of the word "slots".
void read_host_slots(const Json& answer, MachineView& view);

}  // namespace sonde
