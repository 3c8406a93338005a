#pragma once

#include <vector>

#include "web/server.h"

namespace sonde::web {

/// The listening TCP sockets that whoever started this program hands over, by the convention of sd_listen_fds(3):
/// LISTEN_PID, LISTEN_FDS, from descriptor 3 on. Whatever the network namespace they were made in, they stay there.
/// Takes both words out of the environment; empty = none. Throws Error when one is not a listening TCP socket.
std::vector<ListenOn> inherited_sockets();

}  // namespace sonde::web
