#pragma once

#include <span>
#include <string>

#include "appliance/host_data.h"
#include "appliance/host_network.h"
#include "appliance/host_setup_file.h"
#include "appliance/host_slot_words.h"
#include "appliance/host_watch.h"
#include "core/base/json.h"

namespace sonde {

/// What the root helper has in hand while it answers.
struct HostParts {
  HostData& data;
  HostNetwork& network;
  HostWatch& watch;
  HostSlotWords& slots;
  const SetupFileOutcome& setup_file;
};

/// Whose process asks, as the kernel says. What opens the machine to somebody is for `root` alone: its console, its
/// shell.
enum class HostAsker { root, node };

/// Answers one request; never throws.
std::string answer_host(const std::string& request, HostParts parts, HostAsker asker, bool waited_for = true);

/// Lets those of the keys in that wait, puts it in force, and tells it.
std::string accept_keys(std::span<const std::string> keys, const std::string& by, HostNetwork& network);

/// The configuration as far as the host needs it: of the file, else of nothing. `sentence` = why the file is not used.
Config read_host_config(std::string& sentence);

/// The data partition's state outlives the process that found it, and is known without asking who is busy.
void save_data_state(const HostData::State& state);
HostData::State load_data_state();

}  // namespace sonde
