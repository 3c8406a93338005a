#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/measurement/result.h"
#include "core/statistics/first_copy.h"

namespace sonde {

/// Wilson's 95 % interval of a share: holds for few events and for none. Both ends empty without trials.
Interval wilson(std::uint64_t events, std::uint64_t trials);
/// The same about a known share, as seen in `trials` trials; share 0 to 1, trials >= 1.
Interval wilson_of_share(double share, double trials);

/// RFC 3357: how losses follow each other in sending order.
struct LossPattern {
  std::uint64_t lost = 0;
  std::uint64_t periods = 0;            ///< runs of lost packets without an arrived one between
  std::uint64_t longest = 0;            ///< packets in the longest of them
  std::optional<double> mean_distance;  ///< in sequence numbers, from one lost packet to the next; empty below two
};
LossPattern loss_pattern(std::span<const SentPacket> packets);

}  // namespace sonde
