#pragma once

#include <optional>
#include <vector>

#include "core/statistics/first_copy.h"

namespace sonde::test {

inline constexpr UtcTime kStart = utc_from_seconds(1'795'241'620);
inline constexpr Duration kInterval = std::chrono::milliseconds{100};
inline constexpr Duration kThreshold = std::chrono::seconds{10};
inline constexpr Duration kLate = std::chrono::milliseconds{1};

/// A packet sent on time, one each 100 ms, that arrives after `delay` or never.
inline PacketRecord packet(std::uint32_t sequence, std::optional<Duration> delay, Duration slip = {}) {
  PacketRecord record;
  record.sequence = sequence;
  record.scheduled = kStart + sequence * kInterval;
  record.sent = record.scheduled + slip;
  if (delay) record.received = record.sent + *delay;
  return record;
}

inline std::vector<PacketRecord> stream(const std::vector<std::optional<Duration>>& delays) {
  std::vector<PacketRecord> records;
  for (const auto& delay : delays) records.push_back(packet(static_cast<std::uint32_t>(records.size()), delay));
  return records;
}

inline std::vector<SentPacket> copies(const std::vector<PacketRecord>& records) {
  return first_copies(records, kThreshold, kLate);
}

}  // namespace sonde::test
