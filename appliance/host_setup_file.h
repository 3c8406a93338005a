#pragma once

#include <string>

#include "appliance/host_data.h"

namespace sonde {

/// What became of a set-up file; empty sentence = there was none.
struct SetupFileOutcome {
  std::string sentence;
  bool bad = false;   ///< it could not be used, and nothing was changed
  bool done = false;  ///< the node is set up by it
};

/// Looks for sonde-setup.xml on the boot medium's own FAT partition and on volumes labelled SONDE_SETUP, and for
/// sonde.setup= with sonde.setup.sha256= on the kernel's command line, and sets the node up by the first one found. A
/// node that is set up already is left as it is, and the outcome says that a file was ignored. Formats an empty drive
/// if the file names it, no other. Waits for the node. The root helper's main thread, once the node answers.
SetupFileOutcome set_up_unattended(HostData& data, bool node_is_set_up);

}  // namespace sonde
