#pragma once

#include <string>

namespace sonde {

/// Keeps CAP_NET_RAW, CAP_NET_BIND_SERVICE and CAP_SYS_NICE as far as the process has them, drops every other
/// capability for good, forbids new ones and core dumps, and raises the number of open files. Call on the main thread
/// before any other is made: capabilities belong to threads. Throws Error.
void settle_privileges();

/// Whether ports below 1024 may be opened here.
bool may_bind_low_ports();
/// The port itself, or 10,000 above it where low ports may not be opened; then with the offset of this node.
unsigned short usable_port(unsigned short port, int port_offset);
/// Real-time priority for the calling thread; false where it is not allowed.
bool take_real_time_priority();

}  // namespace sonde
