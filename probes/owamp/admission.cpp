#include "probes/owamp/admission.h"

#include <algorithm>
#include <cmath>

namespace sonde::owamp {
namespace {

using amp::Accept;

std::uint64_t wire_octets(const Request& request) {
  const std::uint64_t headers = request.family == Family::v4 ? 28 : 48;
  return request.packets * (headers + kTestHeader + request.padding);
}

/// What no state of the server could ever allow. `rate` and `seconds` are those of the whole session.
Accept judge_alone(const Request& request, const Allowance& allowance, double rate, double seconds, UtcTime now) {
  if (request.packets == 0 || request.packets > kMostPackets || request.padding > kMostPadding)
    return Accept::permanent_limit;
  // A mean cut to 32.32 may exceed the rule by a hair.
  if (!(rate <= allowance.packets_per_second * 1.001) || seconds > allowance.seconds) return Accept::permanent_limit;
  const Duration timeout = amp::to_duration(request.timeout);
  if (timeout <= Duration::zero() || timeout > Admission::kLongestTimeout) return Accept::permanent_limit;
  if (wire_octets(request) > allowance.octets_per_day) return Accept::permanent_limit;
  const UtcTime start = amp::to_utc(request.start, now);
  if (start < now - Admission::kFurthestBack || start > now + Admission::kFurthestAhead) return Accept::rejected;
  return Accept::ok;
}

}  // namespace

Admission::Source* Admission::source_of(const IpAddress& peer) {
  const IpAddress key = peer.source();
  if (const auto found = sources_.find(key); found != sources_.end()) return &found->second;
  // Room is made of sources that hold nothing now: first of those whose octets no longer count, then of any.
  for (const bool any : {false, true})
    if (sources_.size() >= kSources)
      std::erase_if(sources_, [&](const auto& entry) {
        const Source& source = entry.second;
        return source.half_open + source.connections + source.running.size() == 0 &&
               (any || source.octets == 0 || source.day != today_);
      });
  return sources_.size() < kSources ? &sources_[key] : nullptr;
}

bool Admission::enter(const IpAddress& peer) {
  Source* source = source_of(peer);
  if (source == nullptr || half_open_ >= kHalfOpen || source->half_open >= kHalfOpenPerSource) return false;
  ++source->half_open;
  ++half_open_;
  return true;
}

bool Admission::settle(const IpAddress& peer, std::uint32_t sessions) {
  Source* source = source_of(peer);
  if (source == nullptr || connections_ >= kConnections || source->connections >= std::size_t{sessions} + 2)
    return false;
  leave(peer, false);
  ++source->connections;
  ++connections_;
  return true;
}

void Admission::leave(const IpAddress& peer, bool settled) {
  Source& source = sources_[peer.source()];
  --(settled ? source.connections : source.half_open);
  --(settled ? connections_ : half_open_);
}

Admission::Claim Admission::claim(const IpAddress& peer, const Allowance& allowance, const Request& request,
                                  UtcTime now) {
  const double interval = mean_interval_seconds(request.slots);
  const double rate = 1 / interval, seconds = interval * request.packets;  // no interval at all = endless rate
  if (const Accept alone = judge_alone(request, allowance, rate, seconds, now); alone != Accept::ok) return {alone, 0};
  today_ = utc_seconds(now) / 86400;
  Source* source = source_of(peer);
  if (source == nullptr || packets_ + request.packets > kPackets) return {Accept::temporary_limit, 0};
  if (source->day != today_) source->octets = 0;
  source->day = today_;
  const UtcTime begin = amp::to_utc(request.start, now);
  const Running wanted{next_id_, rate, begin, begin + Duration{std::llround(seconds * 1e9)}, request.packets};
  double sum = rate;
  for (const Running& other : source->running)
    if (other.begin < wanted.end && wanted.begin < other.end) sum += other.packets_per_second;
  if (source->running.size() >= allowance.sessions || sum > allowance.packets_per_second * 1.001 ||
      source->octets + wire_octets(request) > allowance.octets_per_day)
    return {Accept::temporary_limit, 0};
  source->octets += wire_octets(request);
  source->running.push_back(wanted);
  packets_ += request.packets;
  return {Accept::ok, next_id_++};
}

void Admission::release(const IpAddress& peer, std::uint64_t id) {
  auto& running = sources_[peer.source()].running;
  const auto found = std::ranges::find(running, id, &Running::id);
  if (found == running.end()) return;
  packets_ -= found->packets;
  running.erase(found);
}

}  // namespace sonde::owamp
