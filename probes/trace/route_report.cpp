#include "probes/trace/route_report.h"

#include <algorithm>

namespace sonde::trace {
namespace {

constexpr std::array kMetrics = {
    Metric{"trace.hops", "hops to the target", Unit::hops, MetricKind::gauge,
           "least hop limit with which a probe was answered by the target; RFC 2151 §3.4",
           "How many hops away the target is: the routers on the way, and itself."},
    Metric{"trace.round_trip", "round trip to the target", Unit::seconds, MetricKind::gauge,
           "RFC 2681; median of the flows", "How long the target took to answer the probes that reached it."},
    Metric{"trace.reached", "share of flows that reached the target", Unit::share, MetricKind::gauge,
           "flows that the target answered out of three",
           "1 when the target answered each flow, 0 when it answered none."},
};

/// Answers of the target behind its own hop, where the flow heard nobody else from that hop on.
bool is_echo_of_loss(const std::vector<HopRecord>& hops, int target_at, std::size_t hop, std::size_t flow) {
  if (target_at == 0 || static_cast<int>(hop) < target_at || !hops[hop][flow].reached) return false;
  for (auto i = static_cast<std::size_t>(target_at - 1); i < hop; ++i)
    if (hops[i][flow].answer && !hops[i][flow].reached) return false;
  return true;
}

Statistic statistic(const Metric& metric, std::optional<double> value, std::string why) {
  Statistic s{&metric, Direction::round_trip, {}, value, {}, Basis::none, {}};
  if (!value) s.why = std::move(why);
  return s;
}

}  // namespace

std::span<const Metric> trace_metrics() { return kMetrics; }

int reached_at(const std::vector<HopRecord>& hops) {
  for (std::size_t i = 0; i < hops.size(); ++i)
    if (std::ranges::any_of(hops[i], &ProbeRecord::reached)) return static_cast<int>(i + 1);
  return 0;
}

bool is_silent(const HopRecord& hop) {
  return std::ranges::none_of(hop, [](const ProbeRecord& record) { return record.answer.has_value(); });
}

TracedRoute route_of(const IpAddress& target, bool icmp, const std::vector<HopRecord>& hops) {
  TracedRoute route{.target = target, .icmp = icmp, .reached_at = reached_at(hops), .hops = {}};
  for (std::size_t i = 0; i < hops.size(); ++i) {
    RouteHop hop;
    for (std::size_t flow = 0; flow < kFlows; ++flow) {
      const ProbeRecord& record = hops[i][flow];
      if (record.answer && !is_echo_of_loss(hops, route.reached_at, i, flow))
        hop.answers.push_back(*record.answer);
      else if (!record.answer && record.sent[0])
        ++hop.silent;
    }
    route.hops.push_back(std::move(hop));
  }
  while (!route.hops.empty() && route.hops.back().answers.empty()) route.hops.pop_back();
  return route;
}

std::string sentence_of(const TracedRoute& route, const std::string& who, const std::string& error) {
  if (route.reached_at != 0) return {};
  if (route.hops.empty() && !error.empty()) return "No probe could be sent to " + who + ": " + error + ".";
  if (route.hops.empty())
    return "Nobody on the way to " + who +
           " answered. A firewall near this node drops the probes or the answers to them, or there is no way there.";
  const std::size_t last = route.hops.size();
  const RouteHop& hop = route.hops.back();
  constexpr int kExceeded4 = 11, kExceeded6 = 3;
  const int type = hop.answers.front().icmp_type;
  const bool refused = type != (route.target.family() == Family::v4 ? kExceeded4 : kExceeded6);
  const std::string where = text_of(hop) + " at hop " + std::to_string(last);
  if (refused)
    return "The way to " + who + " ends at " + where + ", which says that it cannot or may not pass the probes on.";
  return who + " did not answer; the last to answer was " + where +
         ". The way may end behind it, or a firewall drops the probes: another protocol may pass.";
}

void append_statistics(const TracedRoute& route, std::vector<Statistic>& out) {
  std::vector<Duration> round_trips;
  std::array<bool, kFlows> reached{};
  for (std::size_t i = 0; route.reached_at != 0 && i < route.hops.size(); ++i)
    for (const RouteAnswer& answer : route.hops[i].answers) {
      const bool by_target = static_cast<int>(i + 1) == route.reached_at || answer.address == route.target;
      if (!by_target || std::exchange(reached[answer.flow], true)) continue;
      round_trips.push_back(answer.round_trip);
    }
  const std::string why = "the target did not answer";
  std::ranges::sort(round_trips);
  std::optional<double> hops, median;
  if (route.reached_at != 0) hops = route.reached_at;
  if (!round_trips.empty()) median = to_seconds(round_trips[(round_trips.size() - 1) / 2]);
  out.push_back(statistic(kMetrics[0], hops, why));
  out.push_back(statistic(kMetrics[1], median, why));
  out.push_back(statistic(kMetrics[2], static_cast<double>(round_trips.size()) / kFlows, ""));
}

}  // namespace sonde::trace
