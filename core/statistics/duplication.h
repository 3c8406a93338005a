#pragma once

#include <cstdint>
#include <span>

#include "core/statistics/first_copy.h"

namespace sonde {

/// RFC 5560 over packets of which at least one copy arrived in time.
struct Duplication {
  std::uint64_t arrived = 0;         ///< packets, each once
  std::uint64_t further_copies = 0;  ///< copies beyond the first: fraction = further_copies / arrived
  std::uint64_t replicated = 0;      ///< packets with at least one further copy
};
Duplication duplication(std::span<const SentPacket> packets);

}  // namespace sonde
