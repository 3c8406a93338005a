#include "appliance/route_keeper.h"

#include "core/base/identifier.h"

namespace sonde {
namespace {

constexpr std::string_view kFirst = "route", kChange = "route_change", kMore = "route_more";
/// As many events of one test are looked through for its newest route.
constexpr std::size_t kMostEvents = 10'000;

std::string hop_text(const TracedRoute& route, int hop) {
  const auto i = static_cast<std::size_t>(hop - 1);
  return i < route.hops.size() ? text_of(route.hops[i]) : "nothing behind the end";
}

std::string more_sentence(const std::string& to, const TracedRoute& known, const TracedRoute& run) {
  for (std::size_t i = 0; i < run.hops.size(); ++i)
    for (const IpAddress& address : run.hops[i].addresses()) {
      if (i < known.hops.size() && known.hops[i].has(address)) continue;
      const bool alone = i >= known.hops.size() || known.hops[i].answers.empty();
      return "On the route to " + to + ", " + address.text() + " answers at hop " + std::to_string(i + 1) +
             (alone ? " now, which was silent. The route is the same."
                    : " beside the routers known there: a load balancer, no change.");
    }
  return to + " answers now at the end of its known route.";
}

}  // namespace

std::string route_change_sentence(const std::string& to, const TracedRoute& before, const TracedRoute& after) {
  const int hop = first_difference(before, after);
  return "The route to " + to + " changed at hop " + std::to_string(hop) + ": " + hop_text(before, hop) + " → " +
         hop_text(after, hop) + "; " + length_of(before) + " before, " + length_of(after) + " now.";
}

void RouteKeeper::follow(const Config& config) {
  std::map<std::string, Known> fresh;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(known_, [&](const auto& known) { return config.test(known.first) == nullptr; });
    for (const TestSpec& test : config.tests)
      if (!known_.contains(test.id)) fresh.emplace(test.id, Known{});
  }
  for (auto& [test, known] : fresh) known = read(test);
  const std::lock_guard lock(mutex_);
  known_.merge(fresh);
}

RouteKeeper::Known RouteKeeper::read(const std::string& test) const {
  Known known;
  for (Event& event : archive_.events({UtcTime{}, UtcTime::max()}, test, kMostEvents)) {
    if (!event.routes) continue;
    known = {std::move(event.routes->after), event.time};
    break;
  }
  if (!known.route) return known;
  const auto newest = archive_.results(
      {.test = test, .range = {known.seen, UtcTime::max()}, .limit = 1, .before_id = {}, .outcome = Outcome::done});
  if (!newest.empty()) known.seen = newest.front()->begin;
  return known;
}

void RouteKeeper::tell(const Result& result, std::string kind, std::string sentence, RouteChange change,
                       Random& random) {
  archive_.store_event({make_id(result.end, random), result.begin, std::move(kind), result.test, std::move(sentence),
                        std::move(change)});
}

void RouteKeeper::take(Result& result, const std::string& to, Random& random) {
  if (!result.route) return;
  const std::lock_guard lock(mutex_);
  Known& known = known_[result.test];
  const TracedRoute& run = *result.route;
  if (!known.route || !comparable(*known.route, run)) {
    tell(result, std::string(kFirst), "The route to " + to + " as first seen: " + length_of(run) + ".", {{}, run, {}},
         random);
    known.route = run;
  } else if (first_difference(*known.route, run) != 0) {
    tell(result, std::string(kChange), route_change_sentence(to, *known.route, run), {known.route, run, known.seen},
         random);
    known.route = run;
  } else {
    const TracedRoute before = *known.route;
    if (merge(*known.route, run))
      tell(result, std::string(kMore), more_sentence(to, before, run), {{}, *known.route, {}}, random);
    else
      result.route.reset();
  }
  known.seen = std::max(known.seen, result.begin);
}

}  // namespace sonde
