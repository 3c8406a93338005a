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

/// Room for the control messages that choose source and hop limit of one packet. Must live until it is sent.
class PacketControl {
 public:
  /// Leaves `header` as it is when the packet has no wishes of its own.
  void apply(msghdr& header, Family family, const Outgoing& packet);

 private:
  template <typename T>
  void append(msghdr& header, int level, int type, const T& value);
  alignas(cmsghdr) std::array<std::byte, 96> room_;
};

}  // namespace sonde
