#pragma once

namespace sonde {

/// `sonde setup`: the live appliance's console on one terminal, until the terminal goes. Returns the exit code.
int run_console();

}  // namespace sonde
