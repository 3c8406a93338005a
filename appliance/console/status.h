#pragma once

#include <string>
#include <vector>

namespace sonde {

/// What the head of the console tells. A plain value: equal ones need no new drawing.
struct ConsoleStatus {
  bool node_answers = false;
  bool set_up = false;
  std::string version, name;
  std::vector<std::string> pages;  ///< "https://192.0.2.7/"
  std::string fingerprint, code, clock, data, data_device;
  bool data_bad = false;
  std::vector<std::string> notes, troubles;  ///< sentences
  std::vector<std::string> waiting_keys;     ///< of the remote shell, until somebody lets them in here
  friend bool operator==(const ConsoleStatus&, const ConsoleStatus&) = default;
};

/// Asks the node, the root helper and the kernel. Never throws: who does not answer is told.
ConsoleStatus read_console_status();

}  // namespace sonde
