#include "core/config/test_rules.h"

#include <algorithm>

#include "core/config/rules.h"
#include "core/config/text_rules.h"

namespace sonde {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using Problem = std::optional<FieldProblem>;

constexpr std::size_t kMostTimes = 48;

Problem found(std::string field, std::string sentence) {
  if (sentence.empty()) return {};
  return FieldProblem{std::move(field), std::move(sentence)};
}

Problem refused(const std::string& field, std::string_view value, std::string_view allowed) {
  return FieldProblem{field, refusal(field, value, allowed)};
}

Problem check_every(const Schedule& schedule) {
  if (schedule.period < seconds(1) || schedule.period > days(31))
    return refused("schedule.period", exact_duration(schedule.period), "a time from 1 s to 31 d");
  if (schedule.spread < Duration::zero() || schedule.spread > schedule.period)
    return refused("schedule.spread", exact_duration(schedule.spread),
                   "a time from 0 s to the period, " + exact_duration(schedule.period));
  if (schedule.at != UtcTime{}) return refused("schedule.at", format_utc(schedule.at, 0), "a time for \"once\" only");
  return {};
}

Problem check_continuous(const Schedule& schedule) {
  const bool divides = schedule.period > Duration::zero() && Duration(days(1)) % schedule.period == Duration::zero();
  if (!divides || schedule.period < seconds(1) || schedule.period > hours(1))
    return refused("schedule.period", exact_duration(schedule.period),
                   "a step from 1 s to 1 h that divides a day, as in 10 s, 1 min, 5 min");
  if (schedule.spread != Duration::zero())
    return refused("schedule.spread", exact_duration(schedule.spread), "a time for \"every\" only");
  if (schedule.at != UtcTime{}) return refused("schedule.at", format_utc(schedule.at, 0), "a time for \"once\" only");
  return {};
}

Problem check_once(const Schedule& schedule) {
  if (schedule.at <= UtcTime{}) return refused("schedule.at", "", "a time in UTC, as in 2026-11-21T06:00:00Z");
  if (schedule.period != Duration::zero())
    return refused("schedule.period", exact_duration(schedule.period), "no period for \"once\"");
  if (schedule.spread != Duration::zero())
    return refused("schedule.spread", exact_duration(schedule.spread), "a time for \"every\" only");
  return {};
}

Problem check_at(const Schedule& schedule) {
  const std::size_t count = schedule.times.size();
  if (count < 1 || count > kMostTimes)
    return refused("schedule.times", std::to_string(count) + " times",
                   "1 to 48 times of day in UTC, as in 02:00, 14:30");
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = format_time_of_day(schedule.times[i]);
    if (schedule.times[i] >= hours(24)) return refused("schedule.times", text, "a time of day from 00:00 to 23:59");
    if (i > 0 && schedule.times[i] <= schedule.times[i - 1])
      return refused("schedule.times", text, "each time once, in the order of the day");
  }
  if (schedule.period != Duration::zero())
    return refused("schedule.period", exact_duration(schedule.period), "no period for \"at\"");
  if (schedule.at != UtcTime{}) return refused("schedule.at", format_utc(schedule.at, 0), "a time for \"once\" only");
  if (schedule.spread < Duration::zero() || schedule.spread > shortest_gap(schedule))
    return refused("schedule.spread", exact_duration(schedule.spread),
                   "a time from 0 s to the shortest time between two runs, " + exact_duration(shortest_gap(schedule)));
  return {};
}

Problem check_schedule(const Schedule& schedule, const ProbeType& type) {
  if (schedule.kind != Schedule::Kind::at && !schedule.times.empty())
    return refused("schedule.times", std::to_string(schedule.times.size()) + " times", "times for \"at\" only");
  if (type.footprint == Footprint::saturating && schedule.kind == Schedule::Kind::continuous)
    return refused("schedule.kind", "continuous", "every, at or once: a heavy test may not hold the slot all day");
  switch (schedule.kind) {
    case Schedule::Kind::every:
      return check_every(schedule);
    case Schedule::Kind::continuous:
      return check_continuous(schedule);
    case Schedule::Kind::once:
      return check_once(schedule);
    case Schedule::Kind::at:
      return check_at(schedule);
  }
  return {};
}

Problem check_far_end(const TestSpec& spec, const Peer* peer, const ProbeType& type) {
  if (!type.needs_peer && !spec.peer.empty())
    return refused("peer", spec.peer, "no peer: " + std::string(type.title) + " is about this node itself");
  if (!type.needs_peer) return {};
  if (!peer) return refused("peer", spec.peer, "the id of one of the peers");
  const auto literal = IpAddress::parse(peer->address);
  if (literal && literal->family() != spec.family)
    return refused("family", to_string(spec.family),
                   std::string(to_string(literal->family())) + ", because the peer's address is " + peer->address);
  return {};
}

Problem check_source(const TestSpec& spec) {
  if (spec.source.empty()) return {};
  const auto address = IpAddress::parse(spec.source);
  if (!address || address->is_multicast() || address->is_broadcast() || address->is_unspecified())
    return refused("source", spec.source, "an own address, or nothing");
  if (address->family() != spec.family)
    return refused("source", spec.source,
                   "an " + std::string(to_string(spec.family)) + " address, as the test's family is");
  return {};
}

Problem check_options(const TestSpec& spec, const ProbeType& type) {
  for (const auto& [name, value] : spec.options) {
    const auto known = std::ranges::find(type.options, name, &OptionSpec::name);
    if (known == type.options.end()) {
      std::string names;
      for (const OptionSpec& each : type.options) names += (names.empty() ? "" : ", ") + std::string(each.name);
      return refused("options." + name, value,
                     names.empty() ? "no option for this probe" : "only the options " + names);
    }
    if (auto problem = found("options." + name, check_line("options." + name, value, 1000))) return problem;
    if (auto problem = found("options." + name, check_option(*known, value))) return problem;
  }
  return {};
}

}  // namespace

std::optional<FieldProblem> check_test(const TestSpec& spec, const Peer* peer, Probes probes) {
  if (auto problem = found("id", check_id("id", spec.id))) return problem;
  if (spec.revision < 1 || spec.revision > 1'000'000)
    return refused("revision", std::to_string(spec.revision), "a whole number from 1 to 1000000");
  if (auto problem = found("title", check_line("title", spec.title, 100))) return problem;
  const ProbeType* type = find_probe(probes, spec.probe);
  if (!type) {
    std::string names;
    for (const ProbeType* each : probes) names += (names.empty() ? "" : ", ") + std::string(each->name);
    return refused("probe", spec.probe, "one of " + names);
  }
  if (auto problem = check_far_end(spec, peer, *type)) return problem;
  if (auto problem = check_source(spec)) return problem;
  if (spec.type_p.dscp > 63) return refused("dscp", std::to_string(spec.type_p.dscp), "a whole number from 0 to 63");
  if (spec.type_p.payload_octets > 65'000)
    return refused("payload_bytes", std::to_string(spec.type_p.payload_octets), "a whole number from 0 to 65000");
  if (auto problem = check_schedule(spec.schedule, *type)) return problem;
  return check_options(spec, *type);
}

}  // namespace sonde
