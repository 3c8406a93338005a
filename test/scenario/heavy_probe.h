#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "appliance/slot_door.h"
#include "core/run/probe_type.h"

namespace sonde::test {

/// When a node took part in a heavy test, by its own account of moving data.
struct Busy {
  UtcTime begin{}, end{};
  std::string with;
};
/// By node address. Both ends write it.
using BusyTimes = std::map<std::string, std::vector<Busy>>;

/// A heavy probe without data: asks the peer's server, and if that has its slot both are busy for 30 s.
/// Its sessions note what they did in `busy`, which the scenario reads.
const ProbeType& line_filler(BusyTimes& busy);
/// The answering end, on port 5201 of `here`.
SessionPtr make_line_filler_server(const IpAddress& here, SlotDoor& door, BusyTimes& busy);

}  // namespace sonde::test
