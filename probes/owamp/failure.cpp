#include "probes/owamp/failure.h"

#include <algorithm>

namespace sonde::owamp::failure {
namespace {

bool speaks_of(std::string_view reason, std::string_view word) {
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  return std::ranges::search(reason, word, same).begin() != reason.end();
}

}  // namespace

std::string no_connection(const Endpoint& server, std::string_view reason) {
  const std::string what = "No connection to " + server.text() + " (" + std::string(reason) + "): ";
  if (speaks_of(reason, "refused"))
    return what + "the host is there, but no OWAMP server listens on this port. Start one there, or give its port.";
  if (speaks_of(reason, "no answer") || speaks_of(reason, "timed out"))
    return what + "the host is down, or a firewall drops TCP port " + std::to_string(server.port) +
           ". Check that the host runs and that the port is open.";
  if (speaks_of(reason, "route") || speaks_of(reason, "unreachable"))
    return what + "the network has no way to this address. Check the address and this node's own connection.";
  return what + "check the address, the port and this node's own connection.";
}

std::string ended(const Endpoint& server, std::string_view awaited, std::string_view reason) {
  return "The control connection to " + server.text() + " ended while we waited for " + std::string(awaited) + " (" +
         std::string(reason) +
         "): the server stopped, or it does not let this node measure. It is tried again at the "
         "next run.";
}

std::string silent(const Endpoint& server, std::string_view awaited) {
  return server.text() + " took the connection but sent no " + std::string(awaited) +
         " in time: what listens there is busy, or is no OWAMP server. Check the port, or try later.";
}

std::string no_common_mode(const Endpoint& server, std::uint32_t modes) {
  if (modes == 0)
    return server.text() +
           " does not want to talk to this node (Modes 0): its rules refuse it, or it is full. Ask its "
           "operator to allow this node's address.";
  return server.text() + " offers no open mode (Modes " + std::to_string(modes) +
         "): it asks for a key, which is not "
         "supported yet. Ask its operator to allow open mode for this node.";
}

std::string not_owamp(const Endpoint& server, std::string_view awaited) {
  return "What " + server.text() + " sent as " + std::string(awaited) +
         " is not OWAMP (RFC 4656): another service "
         "listens there. Check the port.";
}

std::string refused(const Endpoint& server, std::string_view what, std::string_view meaning) {
  return server.text() + " did not accept " + std::string(what) + ": " + std::string(meaning) + '.';
}

}  // namespace sonde::owamp::failure
