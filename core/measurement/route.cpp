#include "core/measurement/route.h"

#include <algorithm>

namespace sonde {
namespace {

bool disjoint(const RouteHop& a, const RouteHop& b) {
  if (a.answers.empty() || b.answers.empty()) return false;
  return std::ranges::none_of(a.answers, [&](const RouteAnswer& answer) { return b.has(answer.address); });
}

/// Somebody answers `longer` behind the hop at which `shorter` had come to its target.
bool goes_beyond(const TracedRoute& shorter, const TracedRoute& longer) {
  if (shorter.reached_at == 0) return false;
  for (std::size_t i = shorter.hops.size(); i < longer.hops.size(); ++i)
    if (!longer.hops[i].answers.empty()) return true;
  return false;
}

}  // namespace

bool RouteHop::has(const IpAddress& address) const {
  return std::ranges::find(answers, address, &RouteAnswer::address) != answers.end();
}

std::vector<IpAddress> RouteHop::addresses() const {
  std::vector<IpAddress> all;
  for (const RouteAnswer& answer : answers) all.push_back(answer.address);
  std::ranges::sort(all);
  const auto doubles = std::ranges::unique(all);
  all.erase(doubles.begin(), doubles.end());
  return all;
}

bool comparable(const TracedRoute& known, const TracedRoute& run) {
  return known.target == run.target && known.icmp == run.icmp;
}

int first_difference(const TracedRoute& known, const TracedRoute& run) {
  const std::size_t common = std::min(known.hops.size(), run.hops.size());
  for (std::size_t i = 0; i < common; ++i)
    if (disjoint(known.hops[i], run.hops[i])) return static_cast<int>(i + 1);
  if (known.reached_at != 0 && run.reached_at != 0 && known.reached_at != run.reached_at)
    return std::min(known.reached_at, run.reached_at);
  if (goes_beyond(known, run) || goes_beyond(run, known)) return static_cast<int>(common + 1);
  return 0;
}

bool merge(TracedRoute& known, const TracedRoute& run) {
  bool more = false;
  if (known.hops.size() < run.hops.size()) known.hops.resize(run.hops.size());
  for (std::size_t i = 0; i < run.hops.size(); ++i) {
    RouteHop& hop = known.hops[i];
    std::size_t room = TracedRoute::kMostAddresses - std::min(TracedRoute::kMostAddresses, hop.addresses().size());
    for (const RouteAnswer& answer : run.hops[i].answers) {
      if (room == 0 || hop.has(answer.address)) continue;
      hop.answers.push_back(answer);
      --room;
      more = true;
    }
  }
  if (known.reached_at == 0 && run.reached_at != 0) {
    known.reached_at = run.reached_at;
    more = true;
  }
  return more;
}

std::string text_of(const RouteHop& hop) {
  std::string text;
  const auto all = hop.addresses();
  for (std::size_t i = 0; i < all.size(); ++i)
    text += (i == 0 ? "" : i + 1 == all.size() ? " or " : ", ") + all[i].text();
  return text.empty() ? "nobody" : text;
}

std::string length_of(const TracedRoute& route) {
  if (route.reached_at == 0)
    return route.hops.empty() ? "no answer at all" : "no answer beyond hop " + std::to_string(route.hops.size());
  return std::to_string(route.reached_at) + (route.reached_at == 1 ? " hop" : " hops");
}

}  // namespace sonde
