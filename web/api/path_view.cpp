#include "web/api/path_view.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "web/api/path_text.h"
#include "web/api/test_json.h"

namespace sonde::web {
namespace {

using namespace std::chrono_literals;

std::string name_of(const Peer& peer) { return peer.name.empty() ? peer.address : peer.name; }

std::string own_name(const Site& site) {
  return !site.place.empty() ? site.place : !site.name.empty() ? site.name : "here";
}

/// Within a state: how far beyond the normal. States lie further apart than this ever gets.
double excess(const Judged& judged) {
  const double loss = judged.loss.value.value_or(0);
  const double normal = judged.delay.normal.value_or(0);
  const double delay = judged.delay.value && normal > 0 ? std::max(0.0, *judged.delay.value / normal - 1) : 0;
  return std::min(99.0, loss * 100) + std::min(9.0, delay) / 10;
}

std::string arrow(const PathView& path, Direction direction, const Site& site) {
  const std::string here = own_name(site), there = name_of(path.peer);
  if (direction == Direction::reverse) return there + " → " + here;
  return here + (direction == Direction::round_trip ? " ⇄ " : " → ") + there;
}

const Result* newest_failure(const Snapshot& now, const TestSpec& spec) {
  const auto found = now.latest.find(spec.id);
  const bool failed = found != now.latest.end() && found->second && found->second->outcome == Outcome::failed;
  return failed ? found->second.get() : nullptr;
}

/// Three runs should have come since.
bool fresh(const Result& result, const TestSpec& spec, UtcTime now) {
  const bool once = spec.schedule.kind == Schedule::Kind::once;
  return once || now - result.end <= 3 * longest_gap(spec.schedule) + spec.schedule.spread + 2min;
}

/// A run that has no past to be judged by: what it came to, as long as it is fresh.
void describe_run(PathView& path, const TestSpec& spec, const Result& result, const Snapshot& now) {
  path.updated = result.end;
  if (!result.local_address.is_unspecified()) path.own_address = result.local_address.text();
  if (!result.remote_address.is_unspecified()) path.remote_address = result.remote_address.text();
  path.sentence = arrow(path, Direction::round_trip, now.config->site) + ": " + run_sentence(result, now.made);
  const bool counts = result.outcome == Outcome::done && fresh(result, spec, now.made);
  path.state = counts ? PathState::learning : PathState::unknown;
}

/// Paths whose tests judge nothing: they run nothing, or runs that stand by themselves (throughput, routes), or runs
/// that never got as far as a packet.
void describe_silent(PathView& path, const Snapshot& now) {
  const auto paused = [](const TestSpec* spec) { return spec->paused; };
  path.sentence = std::ranges::all_of(path.tests, paused) ? "paused" : "no result yet";
  for (const TestSpec* spec : path.tests) {
    const auto newest = now.latest.find(spec->id);
    if (spec->paused || newest == now.latest.end() || !newest->second) continue;
    if (!path.updated || newest->second->end > *path.updated) describe_run(path, *spec, *newest->second, now);
  }
  for (const TestSpec* spec : path.tests) {
    const Result* failure = newest_failure(now, *spec);
    if (!failure || spec->paused) continue;
    path.state = PathState::bad;
    path.since = failure->begin;
    path.sentence = arrow(path, Direction::round_trip, now.config->site) + ": " + failure->sentence;
  }
}

void summarise(PathView& path, const Snapshot& now) {
  path.state = path.directions.front().judged.state;
  const PathDirection* worst = nullptr;
  for (const PathDirection& each : path.directions) {
    const Judged& judged = each.judged;
    path.state = std::max(path.state, judged.state);
    if (judged.updated) path.updated = std::max(path.updated.value_or(UtcTime::min()), *judged.updated);
    const bool worse = !worst || judged.state > worst->judged.state ||
                       (judged.state == worst->judged.state && excess(judged) > excess(worst->judged));
    if (worse) worst = &each;
    if (!judged.local_address.is_unspecified()) path.own_address = judged.local_address.text();
    if (!judged.remote_address.is_unspecified()) path.remote_address = judged.remote_address.text();
    // A round trip is always of one clock, whoever answers.
    path.same_clock = path.same_clock || (judged.same_clock && each.direction != Direction::round_trip);
  }
  path.since = worst->judged.since;
  path.badness = excess(worst->judged);
  path.sentence = arrow(path, worst->direction, now.config->site) + ": " + direction_sentence(worst->judged, now.made);
}

}  // namespace

std::string domain_of(const Peer& peer) {
  const std::string& host = IpAddress::parse(peer.address) ? peer.name : peer.address;
  const auto dot = host.find('.');
  return dot == std::string::npos || host.find(' ') != std::string::npos ? "" : host.substr(dot + 1);
}

PathState test_state(const Judge& judge, const Snapshot& now, const TestSpec& spec) {
  const PathState state = judge.state_of_test(spec);
  if (state != PathState::unknown || !judge.of_test(spec).empty()) return state;
  if (newest_failure(now, spec)) return PathState::bad;
  const auto found = now.latest.find(spec.id);
  const bool done = found != now.latest.end() && found->second && found->second->outcome == Outcome::done;
  return done ? PathState::good : state;
}

std::vector<PathView> paths_of(const Judge& judge, const Snapshot& now) {
  std::map<std::string, PathView> paths;
  for (const TestSpec& spec : now.config->tests) {
    const Peer* peer = now.config->peer(spec.peer);
    if (spec.self_check || !peer) continue;
    PathView& path = paths[path_id(spec)];
    path.id = path_id(spec);
    path.peer = *peer;
    path.domain = domain_of(*peer);
    path.family = spec.family;
    path.tests.push_back(&spec);
    for (auto& [direction, judged] : judge.of_test(spec))
      path.directions.push_back({direction, spec.id, std::move(judged)});
  }
  std::vector<PathView> out;
  for (auto& [id, path] : paths) {
    if (path.directions.empty())
      describe_silent(path, now);
    else
      summarise(path, now);
    path.badness += 100.0 * static_cast<int>(path.state);
    out.push_back(std::move(path));
  }
  std::ranges::stable_sort(out, std::greater{}, &PathView::badness);
  return out;
}

namespace {

/// To be followed by a full stop or more words.
std::string open_ended(std::string sentence) {
  while (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

}  // namespace

std::string paths_sentence(const std::vector<PathView>& paths) {
  if (paths.empty()) return "No path is measured yet: add a peer.";
  const auto count = [&](PathState state) { return std::ranges::count(paths, state, &PathView::state); };
  const std::string all = std::to_string(paths.size()) + (paths.size() == 1 ? " path" : " paths");
  const auto bad = count(PathState::bad), watch = count(PathState::watch);
  if (bad > 0)
    return std::to_string(bad) + " of " + all + (bad == 1 ? " is" : " are") + " worse than usual; the worst is " +
           open_ended(paths.front().sentence) + ".";
  if (watch > 0)
    return std::to_string(watch) + " of " + all + " to be watched: " + open_ended(paths.front().sentence) + ".";
  if (static_cast<std::size_t>(count(PathState::unknown)) == paths.size())
    return "No path has fresh data; " + open_ended(paths.front().sentence) + ".";
  if (count(PathState::unknown) > 0)
    return std::to_string(count(PathState::unknown)) + " of " + all + " without data; the others are as usual.";
  if (count(PathState::learning) > 0)
    return std::to_string(count(PathState::learning)) + " of " + all +
           " still learning what is normal; nothing stands out.";
  return all + (paths.size() == 1 ? " is" : " are") + " as usual.";
}

PathVerdict me_or_network(const PathView& path, const std::vector<PathView>& all, const Snapshot& now) {
  PathVerdict out;
  bool own = false;
  const auto blame = [&](bool so, std::string what) {
    own = own || so;
    if (so) out.evidence.push_back(std::move(what));
  };
  for (const PathDirection& each : path.directions) {
    const OwnHealth& health = each.judged.health;
    blame(health.slip_p99 && *health.slip_p99 > 1ms, "Packets left this node late: 1 in 100 by more than " +
                                                         format_duration(health.slip_p99.value_or(Duration{})) + ".");
    blame(health.socket_drops > 0,
          std::to_string(health.socket_drops) + " packets arrived but this node had no room for them.");
    blame(health.cpu_steal.value_or(0) > 0.05,
          "Another machine on the same host took " + share_text(health.cpu_steal.value_or(0)) + " of the processor.");
    blame(health.clock_stepped, "This node's clock was stepped meanwhile.");
    blame(health.own_heavy_test, "A throughput test ran on this node at the same time.");
  }
  blame(!now.clock.believed, "This node's clock is not believed: " + now.clock.source + ".");
  const auto bad = std::ranges::count(all, PathState::bad, &PathView::state);
  // One in five that is well would hardly be without the access line that all share.
  const bool many = all.size() >= 3 && bad * 5 > static_cast<std::ptrdiff_t>(all.size()) * 4;
  if (bad >= 2)
    out.evidence.push_back(std::to_string(bad) + " of " + std::to_string(all.size()) +
                           " paths from here are worse than usual at the same time.");
  const bool wrong = path.state == PathState::bad || path.state == PathState::watch;
  if (path.directions.empty() || path.state == PathState::unknown)
    return {"unknown", "There are no results to judge by.", out.evidence};
  if (!wrong)
    return {"nothing wrong",
            own ? "Nothing is wrong with the path, but this node was not at its best."
                : "Nothing is wrong, neither here nor on the path.",
            out.evidence};
  if (own) return {"this node", "This node itself was in trouble at that time; the network may be well.", out.evidence};
  if (many)
    return {"unclear",
            "Nearly all paths suffer together: the cause is probably close to this node, in its own access line.",
            out.evidence};
  out.evidence.push_back("This node sent in time, dropped nothing and its clock did not jump.");
  return {"network", "This node is well; the cause lies on the path or at the far end.", out.evidence};
}

}  // namespace sonde::web
