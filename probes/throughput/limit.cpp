#include "probes/throughput/limit.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "probes/throughput/metrics.h"

namespace sonde::throughput {
namespace {

/// From these shares on a thing is called the limit. A paced sender misses its rate by the first round trips.
constexpr double kGotAsked = 0.95, kWholeCore = 0.9, kMostOfTime = 0.5;

std::optional<double> value_of(const Result& result, const Metric& metric, Direction direction) {
  const auto found = std::ranges::find_if(
      result.statistics, [&](const Statistic& s) { return s.metric == &metric && s.direction == direction; });
  return found == result.statistics.end() ? std::nullopt : found->value;
}

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

}  // namespace

std::string limit_sentence(const Result& result, const Parameters& asked) {
  const auto forward = [&](const Metric& metric) { return value_of(result, metric, Direction::forward); };
  const auto busy = forward(own::busy);
  if (asked.udp || !busy) return {};
  const double streams = static_cast<double>(asked.parallel);
  const double wanted = static_cast<double>(asked.rate_bps) * streams;
  if (wanted > 0 && forward(own::rate).value_or(0) >= kGotAsked * wanted)
    return "The rate that was asked for was the limit: the path can carry more.";
  const double peer = forward(own::peer_window_limited).value_or(0),
               buffer = forward(own::send_buffer_limited).value_or(0);
  if (peer >= kMostOfTime && peer >= buffer)
    return "The receiver was the limit: its window held TCP back for " + percent(peer) +
           " of the time, because it reads too slowly or has small buffers.";
  if (buffer >= kMostOfTime)
    return "This host's send buffer was the limit for " + percent(buffer) +
           " of the time: allow more (net.ipv4.tcp_wmem), or measure with more streams.";
  if (const auto cpu = value_of(result, own::cpu, Direction::local); cpu && *cpu >= kWholeCore * streams)
    return "This host's processor was the limit: moving the data took " + percent(*cpu) + " of a core.";
  if (*busy < kMostOfTime)
    return "This host was the limit: TCP had nothing to send for " + percent(1 - *busy) + " of the time.";
  if (wanted > 0)
    return "The path, or a pause of this host, was the limit: " + percent(forward(own::rate).value_or(0) / wanted) +
           " of the rate that was asked for arrived, and neither window nor buffer held TCP back.";
  const double again = forward(own::retransmits).value_or(0);
  return "The path was the limit: TCP had data to send for " + percent(*busy) +
         " of the time, and neither window nor buffer held it back; " +
         (again > 0
              ? std::to_string(std::llround(again)) + (again == 1 ? " segment was" : " segments were") + " sent again."
              : std::string("no segment was sent again."));
}

}  // namespace sonde::throughput
