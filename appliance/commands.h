#pragma once

#include <filesystem>
#include <string>

namespace sonde {

struct ResultsOrder {
  bool csv = false, json = false;
  std::string test, from, to;
  int limit = 100;
};

// What the command line asks of the node that runs with this data folder, through its socket. Each returns the exit
// code: 0, or 1 with a sentence on standard error (no node runs here, not allowed, ...).

/// Clock, running and queued runs, paths, disk, problems.
int print_status(const std::filesystem::path& data);
int print_setup_code(const std::filesystem::path& data);
/// Asks for the new password on the terminal, twice, without showing it; else reads one line of standard input.
int reset_password(const std::filesystem::path& data);
int print_results(const std::filesystem::path& data, const ResultsOrder& order);

}  // namespace sonde
