#include "probes/amp/test_socket.h"

namespace sonde::amp {

Opened open_test_socket(Outbox& out, const IpAddress& local, PortRange ports, std::uint8_t dscp, Random& random) {
  const auto [first, last] = ports;
  const std::uint32_t count = last >= first ? last - first + 1U : 1U;
  const auto begin = static_cast<std::uint32_t>(random.below(count));
  PacketOptions options;
  options.traffic_class = static_cast<std::uint8_t>(dscp << 2);
  Opened opened;
  for (std::uint32_t i = 0; i < count && !opened; ++i) {
    options.local = {local, static_cast<std::uint16_t>(first + (begin + i) % count)};
    opened = out.open_udp(options);
  }
  if (!opened && count > 1)
    opened.error = "no UDP port from " + std::to_string(first) + " to " + std::to_string(last) +
                   " could be opened (the last one said: " + opened.error + ")";
  return opened;
}

}  // namespace sonde::amp
