#pragma once

#include <future>
#include <optional>
#include <string>
#include <vector>

#include "appliance/host_data.h"
#include "core/base/time.h"

namespace sonde {

/// What became of a set-up file; empty sentence = there was none.
struct SetupFileOutcome {
  std::string sentence;
  bool bad = false;                       ///< it could not be used, and nothing was changed
  bool done = false;                      ///< the node is set up by it
  std::vector<std::string> shell_keys{};  ///< of the file, once it is done: who gave it holds the machine
};

/// Looks for sonde-setup.xml on the boot medium's own FAT partition and on volumes labelled SONDE_SETUP, and for
/// sonde.setup= with sonde.setup.sha256= on the kernel's command line, and sets the node up by the first one found. A
/// node that is set up already is left as it is, and the outcome says that a file was ignored. Formats an empty drive
/// if the file names it, no other. Used by the root helper's main thread, once the node answers.
class UnattendedSetup {
 public:
  /// On media. What is known at once; empty sentence = nothing, or the node is being asked.
  SetupFileOutcome look(HostData& data, bool node_is_set_up);
  /// At the address that the kernel's command line names, every half minute until it was used.
  void try_address(SteadyTime now);
  /// Once each: what the node said, or why the address brought nothing. The node asks the helper while it is asked, so
  /// nobody may wait for it here.
  std::optional<SetupFileOutcome> ended(HostData& data);
  bool busy() const { return asked_.valid() || fetching_.valid(); }

 private:
  struct Fetched {
    std::optional<std::string> text;
    bool ignored = false;  ///< the node is set up: no use to ask again
    SetupFileOutcome outcome;
  };
  static Fetched fetch_if_wanted(const std::string& address);
  SetupFileOutcome use(const std::string& text, const std::string& where, HostData& data);
  std::future<SetupFileOutcome> asked_;
  std::future<Fetched> fetching_;
  std::string address_;
  bool address_done_ = false;
  SteadyTime next_try_{};
};

}  // namespace sonde
