#include "core/statistics/duplication.h"

namespace sonde {

Duplication duplication(std::span<const SentPacket> packets) {
  Duplication result;
  for (const SentPacket& packet : packets) {
    result.arrived += packet.arrived();
    result.further_copies += packet.further_copies;
    result.replicated += packet.further_copies > 0;
  }
  return result;
}

}  // namespace sonde
