#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/measurement/result.h"

namespace sonde {

/// One packet as it counts: what was sent, and its first copy if that came in time. RFC 7680 §2, RFC 5560.
struct SentPacket {
  std::uint32_t sequence = 0;
  std::uint32_t record = 0;  ///< index of the record that counts
  UtcTime scheduled{}, sent{};
  std::optional<UtcTime> received;   ///< of the first copy; empty = no copy by scheduled time + loss threshold
  std::uint32_t further_copies = 0;  ///< that came in time as well
  bool sent_late = false;            ///< left more than the late limit after its scheduled time

  bool arrived() const { return received.has_value(); }
  /// Of an arrived packet; nanoseconds; may be negative. Beyond ±36 years it is cut.
  std::int64_t delay_ns() const;
  /// Sent less scheduled time, cut alike.
  std::int64_t slip_ns() const;
};

/// One entry for each sequence number, in sending order (ascending). Records may come in any order; of records of one
/// number the earliest arrival is the first copy. A copy that came after the threshold counts as nothing at all.
std::vector<SentPacket> first_copies(std::span<const PacketRecord> records, Duration loss_threshold,
                                     Duration late_limit);

/// Sequence numbers of arrived packets in the order of their arrival; equal stamps keep the order of the records.
std::vector<std::uint32_t> arrival_order(std::span<const SentPacket> packets);

}  // namespace sonde
