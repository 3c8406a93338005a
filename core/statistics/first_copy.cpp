#include "core/statistics/first_copy.h"

#include <algorithm>
#include <numeric>

namespace sonde {
namespace {

constexpr std::int64_t kFarthest = std::int64_t{1} << 60;

/// Stamps come from far ends, so a difference may leave the range of 64 bits.
std::int64_t difference_ns(UtcTime later, UtcTime earlier) {
  std::int64_t ns = 0;
  const auto a = later.time_since_epoch().count(), b = earlier.time_since_epoch().count();
  if (__builtin_sub_overflow(a, b, &ns)) ns = a < b ? -kFarthest : kFarthest;
  return std::clamp(ns, -kFarthest, kFarthest);
}

std::vector<std::uint32_t> sending_order(std::span<const PacketRecord> records) {
  std::vector<std::uint32_t> order(records.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    return records[a].sequence != records[b].sequence ? records[a].sequence < records[b].sequence : a < b;
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) std::sort(order.begin(), order.end(), before);
  return order;
}

/// Adds a record of the same packet: it counts if it came in time and before every other that did.
void add_copy(SentPacket& packet, const PacketRecord& record, std::uint32_t index, Duration loss_threshold) {
  if (!record.received || difference_ns(*record.received, packet.scheduled) > loss_threshold.count()) return;
  if (packet.received) {
    ++packet.further_copies;
    if (*record.received >= *packet.received) return;
  }
  packet.received = record.received;
  packet.sent = record.sent;
  packet.record = index;
}

}  // namespace

std::int64_t SentPacket::delay_ns() const { return difference_ns(*received, sent); }
std::int64_t SentPacket::slip_ns() const { return difference_ns(sent, scheduled); }

std::vector<SentPacket> first_copies(std::span<const PacketRecord> records, Duration loss_threshold,
                                     Duration late_limit) {
  std::vector<SentPacket> packets;
  packets.reserve(records.size());
  for (const std::uint32_t index : sending_order(records)) {
    const PacketRecord& record = records[index];
    if (packets.empty() || packets.back().sequence != record.sequence) {
      packets.push_back(
          {.sequence = record.sequence, .record = index, .scheduled = record.scheduled, .sent = record.sent});
    }
    add_copy(packets.back(), record, index, loss_threshold);
  }
  for (SentPacket& packet : packets) {
    packet.sent_late = packet.slip_ns() > late_limit.count();
  }
  return packets;
}

std::vector<std::uint32_t> arrival_order(std::span<const SentPacket> packets) {
  std::vector<const SentPacket*> arrived;
  arrived.reserve(packets.size());
  for (const SentPacket& packet : packets) {
    if (packet.arrived()) arrived.push_back(&packet);
  }
  const auto before = [](const SentPacket* a, const SentPacket* b) {
    return *a->received != *b->received ? *a->received < *b->received : a->record < b->record;
  };
  if (!std::is_sorted(arrived.begin(), arrived.end(), before)) std::sort(arrived.begin(), arrived.end(), before);
  std::vector<std::uint32_t> sequences;
  sequences.reserve(arrived.size());
  for (const SentPacket* packet : arrived) sequences.push_back(packet->sequence);
  return sequences;
}

}  // namespace sonde
