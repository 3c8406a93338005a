#pragma once

#include <functional>

#include "core/access/limits.h"
#include "core/base/log.h"
#include "core/run/session.h"
#include "probes/amp/test_socket.h"

namespace sonde::owamp {

/// What the answering end needs to know of its node. Clock, random and the functions outlive the server.
struct ServerOptions {
  Endpoint listen;                        ///< one server per family: 0.0.0.0:861 and [::]:861
  amp::PortRange test_ports{8760, 8960};  ///< UDP, both included: no other port is ever used
  const Clock& clock;
  Random& random;  ///< of the loop the server runs on
  Log log;
  /// What this source may do here: Limits::lookup("owamp", ...) of now. Asked at each connection and each request, on
  /// the loop's thread. Whoever is not allowed is refused in the protocol's way.
  std::function<Allowance(const IpAddress&)> allowance;
  /// How the listening went, each time it is tried: every 10 s until it works.
  std::function<void(const Opened&)> listening = [](const Opened&) {};
};

/// OWAMP-Control server, session sender and session receiver (RFC 4656), open mode. Start it on one loop; each control
/// connection becomes a further session there.
SessionPtr make_server(ServerOptions options);

}  // namespace sonde::owamp
