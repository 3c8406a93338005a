#include "probes/throughput/guests.h"

#include <algorithm>

#include "probes/throughput/plan.h"

namespace sonde::throughput {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kAssumedBitsPerSecond = 100'000'000;
constexpr std::uint64_t kMostWindow = 536'870'912, kMostSegment = 32'767, kMostOctets = 1'000'000'000'000'000;

std::uint64_t block_of(const Parameters& p) { return p.block_octets != 0 ? p.block_octets : kStandardTcpBlock; }

/// What makes no sense whoever asks.
std::optional<Refusal> judge_alone(const Parameters& p) {
  if (p.parallel < 1 || p.parallel > kMostStreams)
    return Refusal{Trouble::streams, std::to_string(p.parallel) + " streams: 1 to 128 are possible"};
  const std::uint64_t most = p.udp ? kMostUdpBlock : kMostTcpBlock, least = p.udp ? kLeastUdpBlock : 1;
  if (p.block_octets != 0 && (p.block_octets < least || p.block_octets > most))
    return Refusal{Trouble::block_size, "blocks of " + std::to_string(p.block_octets) + " octets are not possible"};
  if (p.window_octets > kMostWindow || p.segment_octets > kMostSegment || p.traffic_class > 255 ||
      p.octets > kMostOctets || p.blocks > kMostOctets / block_of(p) || (p.reverse && p.both_ways))
    return Refusal{Trouble::bad_parameters, "a parameter is out of all bounds"};
  if (p.seconds == 0 && p.octets == 0 && p.blocks == 0)
    return Refusal{Trouble::end_conditions, "a test without an end"};
  return std::nullopt;
}

std::uint64_t udp_limit(const IpAddress& peer, const Allowance& allowance) {
  if (peer.is_loopback()) return UINT64_MAX;
  return std::max(Guests::kUdpBitsPerSecond, std::uint64_t{allowance.packets_per_second} * 12'000);
}

}  // namespace

Duration longest(const Parameters& p, const Allowance& allowance) {
  const Duration allowed = std::chrono::seconds{allowance.seconds};
  if (p.seconds != 0) return std::chrono::seconds{std::min<std::uint64_t>(p.seconds, 86'400)};
  const std::uint64_t octets = p.octets + p.blocks * block_of(p);
  const std::uint64_t rate = p.rate_bps != 0 ? p.rate_bps * p.parallel : kAssumedBitsPerSecond;
  const Duration needed = std::chrono::seconds{std::min<std::uint64_t>(octets * 8 / rate, 86'400)};
  return std::min(allowed, std::max<Duration>(10s, needed + needed / 2));
}

Guests::Source* Guests::source_of(const IpAddress& peer, SteadyTime now) {
  const IpAddress key = peer.source();
  if (!sources_.contains(key) && sources_.size() >= kSources)
    std::erase_if(sources_, [&](const auto& entry) {
      const Source& source = entry.second;
      return source.half_open == 0 && (source.tests.empty() || source.tests.back() + 1h < now);
    });
  if (!sources_.contains(key) && sources_.size() >= kSources) return nullptr;
  Source& source = sources_[key];
  while (!source.tests.empty() && source.tests.front() + 1h <= now) source.tests.pop_front();
  if (source.day_begin + 24h <= now) {
    source.day_begin = now;
    source.octets = 0;
  }
  return &source;
}

bool Guests::enter(const IpAddress& peer) {
  Source* source = source_of(peer, SteadyTime{});
  if (source == nullptr || half_open_ >= kHalfOpen || source->half_open >= kHalfOpenPerSource) return false;
  ++source->half_open;
  ++half_open_;
  return true;
}

void Guests::leave(const IpAddress& peer) {
  --sources_[peer.source()].half_open;
  --half_open_;
}

std::optional<Refusal> Guests::judge(const IpAddress& peer, const Allowance& allowance, const Parameters& p,
                                     SteadyTime now) {
  if (!allowance.allowed) return Refusal{std::nullopt, allowance.why};
  if (auto alone = judge_alone(p)) return alone;
  if (p.parallel * (p.both_ways ? 2 : 1) > allowance.streams)
    return Refusal{Trouble::streams, "more than " + std::to_string(allowance.streams) + " streams"};
  if (p.seconds + p.omit_seconds > allowance.seconds)
    return Refusal{Trouble::duration, "longer than " + std::to_string(allowance.seconds) + " s"};
  const std::uint64_t streams = p.parallel * (p.both_ways ? 2 : 1), limit = udp_limit(peer, allowance);
  if (p.udp && limit != UINT64_MAX && (p.rate_bps == 0 || p.rate_bps > limit / streams))
    return Refusal{Trouble::total_rate, "UDP at more than " + std::to_string(limit / 1'000'000) + " Mbit/s"};
  Source* source = source_of(peer, now);
  if (source == nullptr) return Refusal{std::nullopt, "too many sources"};
  if (source->tests.size() >= allowance.sessions)
    return Refusal{std::nullopt, "more than " + std::to_string(allowance.sessions) + " tests within an hour"};
  if (source->octets >= allowance.octets_per_day) return Refusal{std::nullopt, "its share of the day is used up"};
  return std::nullopt;
}

void Guests::begin(const IpAddress& peer, SteadyTime now) {
  if (Source* source = source_of(peer, now)) source->tests.push_back(now);
}

void Guests::note_octets(const IpAddress& peer, std::uint64_t octets, SteadyTime now) {
  if (Source* source = source_of(peer, now)) source->octets += octets;
}

}  // namespace sonde::throughput
