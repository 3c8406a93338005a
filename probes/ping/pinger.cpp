#include "probes/ping/pinger.h"

#include <algorithm>
#include <array>

namespace sonde::ping {
namespace {

constexpr std::array kMetrics = {
    Metric{"ping.conditional_loss", "conditional loss", Unit::share, MetricKind::gauge, "PingER; RFC 3357 §3",
           "How often the ping after a lost one is lost too: near the loss ratio = at random, near 1 = in bursts."},
    Metric{"ping.iqr", "round-trip IPDV spread", Unit::seconds, MetricKind::gauge, "PingER; RFC 3393",
           "Distance between the quartiles of the differences of consecutive round-trip times: PingER's IPDV."},
    Metric{"ping.unreachable", "unreachable", Unit::none, MetricKind::gauge, "PingER",
           "1 when no ping of the run was answered, else 0."},
};

Statistic statistic(const Metric& metric, std::optional<double> value, const char* why) {
  Statistic s{&metric, Direction::round_trip, {}, value, {}, Basis::none, {}};
  if (!value) s.why = why;
  return s;
}

std::optional<double> conditional_loss(std::span<const PacketRecord> sent) {
  std::size_t lost = 0, both = 0;
  for (std::size_t i = 0; i + 1 < sent.size(); ++i) {
    if (sent[i].received) continue;
    ++lost;
    if (!sent[i + 1].received) ++both;
  }
  if (lost == 0) return std::nullopt;
  return static_cast<double>(both) / static_cast<double>(lost);
}

std::optional<double> quartile_distance(std::span<const PacketRecord> sent) {
  std::vector<double> differences;
  for (std::size_t i = 0; i + 1 < sent.size(); ++i) {
    if (!sent[i].received || !sent[i + 1].received) continue;
    const Duration before = *sent[i].received - sent[i].sent, after = *sent[i + 1].received - sent[i + 1].sent;
    differences.push_back(to_seconds(after - before));
  }
  if (differences.size() < 4) return std::nullopt;  // n(1−p) >= 1 for p = 0.75
  std::ranges::sort(differences);
  // Nearest rank, as for every percentile of a sample.
  const auto rank = [&](double p) {
    return differences[static_cast<std::size_t>(p * static_cast<double>(differences.size() - 1) + 0.5)];
  };
  return rank(0.75) - rank(0.25);
}

}  // namespace

std::span<const Metric> pinger_metrics() { return kMetrics; }

void append_pinger_statistics(std::span<const PacketRecord> records, std::size_t count, std::vector<Statistic>& out) {
  const auto sent = records.first(std::min(count, records.size()));
  if (sent.empty()) return;
  const bool silent = std::ranges::none_of(sent, [](const PacketRecord& r) { return r.received.has_value(); });
  out.push_back(statistic(kMetrics[0], conditional_loss(sent), "no ping was lost"));
  out.push_back(statistic(kMetrics[1], quartile_distance(sent), "fewer than five answers in a row"));
  out.push_back(statistic(kMetrics[2], silent ? 1.0 : 0.0, ""));
}

}  // namespace sonde::ping
