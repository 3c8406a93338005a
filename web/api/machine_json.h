#pragma once

#include "core/base/json.h"
#include "web/machine.h"

namespace sonde::web {

void write_machine(JsonWriter& out, const MachineView& view);
/// What every page's frame tells: where data are kept; null without a view.
void write_data_place(JsonWriter& out, const MachineView* view);

}  // namespace sonde::web
