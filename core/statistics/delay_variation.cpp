#include "core/statistics/delay_variation.h"

namespace sonde {
namespace {

std::optional<std::int64_t> less(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a || !b) return std::nullopt;
  return *a - *b;
}

}  // namespace

std::vector<std::int64_t> ipdv(std::span<const SentPacket> packets) {
  const auto counts = [](const SentPacket& packet) { return packet.arrived() && !packet.sent_late; };
  std::vector<std::int64_t> differences;
  differences.reserve(packets.size());
  for (std::size_t i = 1; i < packets.size(); ++i) {
    if (!counts(packets[i - 1]) || !counts(packets[i])) continue;
    differences.push_back(packets[i].delay_ns() - packets[i - 1].delay_ns());
  }
  return differences;
}

std::optional<Estimate> pdv_percentile(std::span<const std::int64_t> sorted_delays_ns, int percent) {
  auto estimate = percentile(sorted_delays_ns, percent);
  if (!estimate) return std::nullopt;
  const std::int64_t least = sorted_delays_ns.front();
  return Estimate{estimate->value_ns - least, less(estimate->low_ns, least), less(estimate->high_ns, least)};
}

std::optional<Estimate> pdv_spread(std::span<const std::int64_t> sorted_delays_ns) {
  const auto p50 = percentile(sorted_delays_ns, 50, 0, kTail95 / 2);
  const auto p95 = percentile(sorted_delays_ns, 95, 0, kTail95 / 2);
  if (!p50 || !p95) return std::nullopt;
  return Estimate{p95->value_ns - p50->value_ns, less(p95->low_ns, p50->high_ns), less(p95->high_ns, p50->low_ns)};
}

}  // namespace sonde
