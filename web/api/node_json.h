#pragma once

#include <string>

#include "core/base/json.h"
#include "web/api/router.h"

namespace sonde::web {

/// null where there is no certificate (a node without TLS).
void write_certificate(JsonWriter& out, const Call& call);
/// Ready to be sent to a firewall administrator; with `peer` only about the traffic with it.
std::string firewall_request(const Snapshot& now, const Peer* peer);

}  // namespace sonde::web
