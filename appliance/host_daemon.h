#pragma once

#include <string>

namespace sonde {

/// `sonde host --prepare`: once at the boot, before anything else runs: data, names, firewall, what dhcpcd and chronyd
/// read. Root. Returns the exit code; what failed is told on the console and in the state.
int prepare_host();

/// `sonde host`: the root helper, until told to stop. Answers on /run/sonde/host.sock whoever is root or the node's
/// user; one request a connection: {"word", "arguments"} → an object, {"refused": sentence} when it was not done.
/// Words: state, apply, use-data, mend, accept-keys (root only), reboot, power-off, and those of
/// the slots. Nothing in a request is a path or a command.
int run_host_helper();

}  // namespace sonde
