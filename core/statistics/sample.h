#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/measurement/result.h"

namespace sonde {

/// What a probe knows about the packets it hands over.
struct SampleRules {
  Duration loss_threshold = std::chrono::seconds{10};  ///< after the scheduled time; RFC 7680
  Duration late_limit = std::chrono::milliseconds{1};  ///< sent later than this is left out of IPDV
  std::optional<Duration> local_bound, remote_bound;   ///< ClockQuality::bound of the two ends; empty = unknown
  bool same_clock = false;          ///< both stamps by one clock: round trips always, one way within one host
  std::uint64_t dropped_here = 0;   ///< came but fell from our own socket: taken off what is missing, never loss
  std::uint8_t sent_hop_limit = 0;  ///< as sent by the far end (OWAMP, TWAMP, STAMP: 255); 0 = unknown, no hops told
  /// False for one direction of a two-way stream whose reflector keeps no counter of its own: loss, duplication and
  /// order of that direction are then undefined, and only delays of packets that came back are told.
  bool counted = true;
};

/// One direction of a run, summed up. Statistics stand in the order of the catalogue; what is undefined says why.
struct Sample {
  DirectionResult result;  ///< counts, histogram and a copy of the records
  std::vector<Statistic> statistics;
  std::optional<Duration> slip_p99;  ///< sent less scheduled, of packets that arrived; own health if we were the sender
};

/// From singletons to statistics (RFC 2330), one way and round trip alike: a round trip's records have the sending in
/// `sent` and the return in `received`. Records may come in any order and with duplicates. README.md defines each
/// number.
Sample summarise(Direction direction, std::span<const PacketRecord> records, const SampleRules& rules);

}  // namespace sonde
