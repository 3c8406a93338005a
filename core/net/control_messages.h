#pragma once

#include <sys/socket.h>

#include <array>
#include <optional>

#include "core/net/network.h"

// Private to linux_packet_socket.cpp: what the kernel says beside the payload.
namespace sonde {

/// Stamp, hop limit, traffic class and own address of a packet that came. What is not said stays as it was.
void read_controls(msghdr& header, Datagram& out);

struct ExtendedError {
  int origin = 0;          ///< SO_EE_ORIGIN_*
  std::uint32_t data = 0;  ///< of a transmit stamp: the number of the packet
};
/// One message of the error queue; fills error, reporter, ICMP type and code, and the stamp.
std::optional<ExtendedError> read_extended_error(msghdr& header, Datagram& out);

/// Room for the control message that chooses the source of one packet. Must live until it is sent.
class SourceControl {
 public:
  void apply(msghdr& header, const IpAddress& source);

 private:
  alignas(cmsghdr) std::array<std::byte, 64> room_;
};

}  // namespace sonde
