#include "probes/throughput/meter.h"

#include <algorithm>

namespace sonde::throughput {
namespace {

constexpr Duration kInterval = std::chrono::seconds{1};

std::optional<std::uint64_t> retransmits_since(const Moved& before, const Moved& now) {
  if (!now.tcp) return std::nullopt;
  return now.tcp->retransmits - (before.tcp ? before.tcp->retransmits : 0);
}

StreamInterval difference(const Moved& before, const Moved& now) {
  return {now.octets - before.octets, now.packets - before.packets,   now.lost - before.lost,
          now.jitter_seconds,         retransmits_since(before, now), now.tcp};
}

}  // namespace

void Meter::begin(SteadyTime now) {
  begin_ = counted_from_ = interval_begin_ = now;
  last_ = mover_.read();
  base_ = previous_ = last_;
  if (course_.omitted == Duration{}) end_of_omitted(now);
}

void Meter::tick(SteadyTime now) {
  if (!begun() || ended_) return;
  if (omitting_ && now >= begin_ + course_.omitted) end_of_omitted(now);
  if (now >= interval_begin_ + kInterval) close_interval(now);
}

SteadyTime Meter::next_tick() const {
  if (!begun() || ended_) return kNever;
  const SteadyTime interval = interval_begin_ + kInterval;
  return omitting_ ? std::min(interval, begin_ + course_.omitted) : interval;
}

void Meter::end_of_omitted(SteadyTime now) {
  if (now > interval_begin_) close_interval(now);
  omitting_ = false;
  counted_from_ = now;
  base_ = last_;
  if (course_.octets != 0) mover_.limit_to(course_.octets);
}

void Meter::close_interval(SteadyTime now) {
  last_ = mover_.read();
  IntervalReading reading{interval_begin_ - begin_, now - begin_, omitting_, {}};
  for (std::size_t i = 0; i < last_.size(); ++i) reading.streams.push_back(difference(previous_[i], last_[i]));
  intervals_.push_back(std::move(reading));
  previous_ = last_;
  interval_begin_ = now;
}

void Meter::end(SteadyTime now) {
  if (ended_ || !begun()) return;
  ended_ = true;
  // The time after the last of the data is not theirs, and a sliver would be a rate of its own that means nothing.
  SteadyTime data_end = interval_begin_;
  for (const Moved& moved : mover_.read()) data_end = std::max(data_end, std::min(moved.last, now));
  if (intervals_.empty() || data_end - interval_begin_ >= kInterval / 2) return close_interval(data_end);
  const auto before = std::move(previous_);
  last_ = mover_.read();
  previous_ = last_;
  IntervalReading& newest = intervals_.back();
  newest.end = data_end - begin_;
  for (std::size_t i = 0; i < last_.size(); ++i) {
    const StreamInterval more = difference(before[i], last_[i]);
    StreamInterval& stream = newest.streams[i];
    stream.octets += more.octets;
    stream.packets += more.packets;
    stream.lost += more.lost;
    if (stream.retransmits && more.retransmits) *stream.retransmits += *more.retransmits;
  }
}

std::uint64_t Meter::octets(Role role) const {
  std::uint64_t sum = 0;
  if (!begun()) return sum;
  const auto now = mover_.read();
  for (std::size_t i = 0; i < now.size(); ++i)
    if (plan_.flows[i].role == role) sum += now[i].octets - base_[i].octets;
  return sum;
}

double Meter::seconds(std::size_t flow) const {
  const Moved& moved = last_[flow];
  if (moved.last == SteadyTime{}) return 0;
  const SteadyTime from = std::max(moved.first, counted_from_);
  return std::max(0.0, to_seconds(moved.last - from));
}

StreamResult Meter::result(std::size_t flow) const {
  const Moved &from = base_[flow], &to = last_[flow];
  StreamResult result;
  result.id = plan_.flows[flow].id;
  result.octets = to.octets - from.octets;
  result.retransmits = retransmits_since(from, to);
  result.jitter_seconds = to.jitter_seconds;
  result.lost = to.lost - from.lost;
  result.packets = to.packets - from.packets;
  result.end_seconds = seconds(flow);
  if (plan_.udp && plan_.flows[flow].role == Role::receive) result.dropped_here = to.dropped_here - from.dropped_here;
  return result;
}

std::vector<StreamResult> Meter::results() const {
  std::vector<StreamResult> all;
  for (std::size_t i = 0; i < plan_.flows.size(); ++i) all.push_back(result(i));
  return all;
}

EndResults end_results(const Meter& meter, const Mover& mover, SteadyTime now) {
  EndResults results;
  const auto cpu = mover.cpu_time();
  const double percent = 100 / std::max(1e-9, to_seconds(now - meter.counted_from()));
  results.cpu_user = to_seconds(cpu.user) * percent;
  results.cpu_system = to_seconds(cpu.system) * percent;
  results.cpu_total = results.cpu_user + results.cpu_system;
  const Plan& plan = meter.plan();
  results.sends = std::ranges::any_of(plan.flows, [](const Flow& flow) { return flow.role == Role::send; });
  results.counts_retransmits = results.sends && !plan.udp;
  results.congestion = mover.congestion();
  results.streams = meter.results();
  return results;
}

}  // namespace sonde::throughput
