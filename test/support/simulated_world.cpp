#include "test/support/simulated_world.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "core/base/error.h"
#include "test/support/simulated_network.h"

namespace sonde::test {
namespace {

using namespace std::chrono_literals;
constexpr int kMostTurnsAtOnce = 1'000'000;

std::int64_t scaled(std::int64_t nanoseconds, std::int64_t ppb) {
  return nanoseconds + static_cast<std::int64_t>(static_cast<__int128>(nanoseconds) * ppb / 1'000'000'000);
}

}  // namespace

SimulatedClock::SimulatedClock(const SimulatedWorld& world, const ClockOptions& options, Duration steady_base)
    : world_(world), since_(world.elapsed()), base_(steady_base), quality_(options.quality) {
  anchor_ = {base_, world.now() + options.offset, 0};
  rate_ppb_ = static_cast<std::int64_t>(options.drift_ppm * 1000);
}

SteadyTime SimulatedClock::steady_now() const { return base_ + Duration{scaled(world_.elapsed() - since_, rate_ppb_)}; }

std::int64_t SimulatedClock::world_time(SteadyTime t) const {
  if (t == kNever) return INT64_MAX;
  if (t <= steady_now()) return world_.elapsed();
  const Duration wanted = t - base_;
  auto guess =
      static_cast<std::int64_t>(static_cast<__int128>(wanted.count()) * 1'000'000'000 / (1'000'000'000 + rate_ppb_));
  while (scaled(guess, rate_ppb_) < wanted.count()) ++guess;
  while (guess > 0 && scaled(guess - 1, rate_ppb_) >= wanted.count()) --guess;
  return since_ + guess;
}

void SimulatedClock::step(Duration by) {
  anchor_.utc += by;
  ++anchor_.epoch;
  if (host_) host_->impl_->touched = true;
}

void SimulatedClock::set_drift(double ppm) {
  base_ = steady_now();
  since_ = world_.elapsed();
  rate_ppb_ = static_cast<std::int64_t>(ppm * 1000);
}

SimulatedHost::SimulatedHost(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->self = this;
  impl_->clock.host_ = this;
}
SimulatedHost::~SimulatedHost() = default;
const std::string& SimulatedHost::name() const { return impl_->name; }
SimulatedClock& SimulatedHost::clock() { return impl_->clock; }
std::vector<InterfaceState>& SimulatedHost::interfaces() { return impl_->interfaces; }

Network& SimulatedHost::make_network() {
  impl_->networks.push_back(std::make_unique<SimulatedNetwork>(*this));
  return *impl_->networks.back();
}

PacketLoop& SimulatedHost::make_loop(Log log, PacketLoopOptions options) {
  impl_->loops.push_back(std::make_unique<PacketLoop>(impl_->clock, make_network(), std::move(log), options));
  add(*impl_->loops.back());
  return *impl_->loops.back();
}

void SimulatedHost::add(PacketLoop& loop) {
  impl_->driven.push_back({&loop, [&loop] { return loop.next_deadline(); }, [&loop] { loop.turn(); }});
  impl_->touched = true;
}

void SimulatedHost::add(TaskLoop& loop) {
  impl_->driven.push_back({&loop, [&loop] { return loop.next_due(); }, [&loop] { loop.turn(); }});
  impl_->touched = true;
}

void SimulatedHost::remove(const void* loop) {
  std::erase_if(impl_->driven, [&](const Impl::Driven& d) { return d.loop == loop; });
}

SimulatedWorld::SimulatedWorld(std::uint64_t seed, UtcTime start)
    : impl_(new Impl{
          *this, start, 0, 0, {}, seeded_random(seed), {}, {}, {}, {}, true, std::make_shared<Impl::MemoryLog>()}) {}

SimulatedWorld::~SimulatedWorld() {
  // Loops end before the networks of any host: their sessions may still hold sockets and streams.
  for (const auto& host : impl_->hosts) {
    host->impl_->driven.clear();
    host->impl_->loops.clear();
  }
}

SimulatedHost& SimulatedWorld::host(std::string name, std::vector<std::string> addresses, const ClockOptions& clock) {
  // Every host's steady clock starts elsewhere, so that one host's time never passes for another's.
  const Duration base = 1000s * static_cast<int>(impl_->hosts.size() + 1);
  std::vector<IpAddress> parsed;
  for (const std::string& text : addresses) parsed.push_back(IpAddress::parse(text).value());
  auto made = std::unique_ptr<SimulatedHost>(new SimulatedHost(std::unique_ptr<SimulatedHost::Impl>(
      new SimulatedHost::Impl{*this, std::move(name), parsed, SimulatedClock(*this, clock, base)})));
  for (const IpAddress& address : parsed) impl_->owners[address] = made.get();
  impl_->hosts.push_back(std::move(made));
  return *impl_->hosts.back();
}

void SimulatedWorld::link(SimulatedHost& a, SimulatedHost& b, const LinkOptions& both) { link(a, b, both, both); }
void SimulatedWorld::link(SimulatedHost& a, SimulatedHost& b, const LinkOptions& there, const LinkOptions& back) {
  way(a, b) = there;
  way(b, a) = back;
}

LinkOptions& SimulatedWorld::way(SimulatedHost& from, SimulatedHost& to) { return impl_->way(from, to).options; }
UtcTime SimulatedWorld::now() const { return impl_->start + Duration{impl_->now}; }
std::int64_t SimulatedWorld::elapsed() const { return impl_->now; }
const std::vector<Truth>& SimulatedWorld::truth() const { return impl_->truth; }
void SimulatedWorld::keep_truth(bool keep) { impl_->keep_truth = keep; }
Log SimulatedWorld::log(std::string component) { return {impl_->log, std::move(component), LogLevel::debug}; }
const std::vector<LogLine>& SimulatedWorld::log_lines() const { return impl_->log->lines; }

void SimulatedWorld::at(UtcTime when, std::function<void()> what) {
  impl_->at((when - impl_->start).count(), std::move(what));
}

void SimulatedWorld::run_until(UtcTime when) {
  const std::int64_t limit = (when - impl_->start).count();
  impl_->settle();
  while (impl_->step(limit)) {
  }
  impl_->now = std::max(impl_->now, limit);
}

bool SimulatedWorld::run_until(const std::function<bool()>& done, Duration limit) {
  const std::int64_t end = impl_->now + limit.count();
  impl_->settle();
  while (!done()) {
    if (!impl_->step(end)) {
      impl_->now = end;
      return done();
    }
  }
  return true;
}

void SimulatedWorld::Impl::at(std::int64_t when, std::function<void()> what) {
  events.emplace(std::pair(std::max(when, now), ++last_event), std::move(what));
}

/// Moves to the next thing that happens, unless that is after `limit`, and lets everyone concerned do their part.
bool SimulatedWorld::Impl::step(std::int64_t limit) {
  std::int64_t next = events.empty() ? INT64_MAX : events.begin()->first.first;
  for (const auto& host : hosts) {
    for (const auto& driven : host->impl_->driven) next = std::min(next, host->impl_->clock.world_time(driven.next()));
  }
  if (next == INT64_MAX || next > limit) return false;
  now = std::max(now, next);
  while (!events.empty() && events.begin()->first.first <= now) {
    const auto event = events.extract(events.begin());
    event.mapped()();
  }
  settle();
  return true;
}

/// Turns every loop that has something to do at this instant until none has.
void SimulatedWorld::Impl::settle() {
  bool busy = true;
  for (int turns = 0; busy; ++turns) {
    if (turns == kMostTurnsAtOnce) throw std::logic_error("a loop never comes to rest at one instant");
    busy = false;
    for (const auto& host : hosts) {
      auto& h = *host->impl_;
      const bool touched = std::exchange(h.touched, false);
      // By index: a loop's turn may add or remove loops.
      for (std::size_t i = 0; i < h.driven.size(); ++i) {
        if (!touched && h.driven[i].next() > h.clock.steady_now()) continue;
        h.driven[i].turn();
        busy = true;
      }
      for (const auto& network : h.networks) h.touched = h.touched || network->anything_ready();
    }
  }
}

SimulatedHost* SimulatedWorld::Impl::owner(SimulatedHost& from, const IpAddress& address) const {
  if (address.is_loopback()) return &from;
  const auto found = owners.find(address);
  return found == owners.end() ? nullptr : found->second;
}

SimulatedWorld::Impl::Way& SimulatedWorld::Impl::way(SimulatedHost& from, SimulatedHost& to) {
  const auto [found, fresh] = ways.try_emplace({&from, &to});
  if (fresh && &from == &to) found->second.options.delay = Duration{};
  return found->second;
}

Duration SimulatedWorld::Impl::delay(SimulatedHost& from, SimulatedHost& to) {
  const LinkOptions& options = way(from, to).options;
  const auto jitter = options.jitter.count();
  return options.delay + Duration{jitter > 0 ? static_cast<std::int64_t>(random->below(jitter + 1ULL)) : 0};
}

std::size_t SimulatedWorld::Impl::note(const Packet& packet, Truth::Fate fate) {
  if (!keep_truth) return SIZE_MAX;
  Truth entry;
  entry.from = packet.from;
  entry.to = packet.to;
  entry.entered = start + Duration{now};
  entry.fate = fate;
  const auto head = std::span(packet.payload).first(std::min<std::size_t>(packet.payload.size(), 64));
  entry.head.assign(head.begin(), head.end());
  truth.push_back(std::move(entry));
  return truth.size() - 1;
}

void SimulatedWorld::Impl::transmit(SimulatedHost& from, Packet packet) {
  SimulatedHost* const to = owner(from, packet.to.address);
  if (!to) {
    note(packet, Truth::Fate::lost);
    return;
  }
  Way& link = way(from, *to);
  const std::uint64_t number = link.packets++;
  const LinkOptions& options = link.options;
  const bool picked = options.lose_when && options.lose_when(number, packet.payload);
  if (options.down || picked || chance(options.loss)) {
    note(packet, Truth::Fate::lost);
    return;
  }
  if (static_cast<std::size_t>(packet.hop_limit) <= options.routers.size()) {
    note(packet, Truth::Fate::expired);
    return expire(from, link, packet);
  }
  const std::size_t index = note(packet, Truth::Fate::delivered);
  if (!link.held && chance(options.overtake)) {
    link.held = {std::move(packet), index};
    at(now + 1'000'000'000, [this, to, &link, id = ++link.held_number] {
      if (!link.held || link.held_number != id) return;
      auto [late, late_index] = *std::exchange(link.held, std::nullopt);
      deliver_at(now, *to, link, std::move(late), late_index);
    });
    return;
  }
  pass(*to, link, std::move(packet), index);
}

void SimulatedWorld::Impl::pass(SimulatedHost& to, Way& link, Packet packet, std::size_t index) {
  SimulatedHost& from = *owner(to, packet.from.address);
  std::int64_t leaves = now + delay(from, to).count();
  if (!link.options.jitter_reorders) leaves = std::max(leaves, link.last_left + (link.last_left > 0 ? 1 : 0));
  link.last_left = std::max(link.last_left, leaves);
  if (chance(link.options.duplicate)) {
    const std::size_t copy = note(packet, Truth::Fate::delivered);
    if (keep_truth) truth[copy].copy = true;
    deliver_at(leaves + 1000, to, link, packet, copy);
    link.last_left = leaves + 1000;
  }
  deliver_at(leaves, to, link, std::move(packet), index);
  if (!link.held) return;
  auto [late, late_index] = *std::exchange(link.held, std::nullopt);
  link.last_left = leaves + 1000;
  deliver_at(leaves + 1000, to, link, std::move(late), late_index);
}

void SimulatedWorld::Impl::deliver_at(std::int64_t when, SimulatedHost& to, const Way& link, Packet packet,
                                      std::size_t index) {
  const bool no_room = chance(link.options.dropped_here);
  if (index < truth.size()) {
    truth[index].left = start + Duration{when};
    if (no_room) truth[index].fate = Truth::Fate::dropped_here;
  }
  packet.hop_limit -= static_cast<int>(link.options.routers.size());
  at(when, [&to, no_room, packet = std::move(packet)]() mutable {
    auto& host = *to.impl_;
    if (!no_room) return host.receive(std::move(packet));
    if (SimulatedSocket* const socket = host.find(packet.to, packet.from, packet.icmp)) socket->drop();
  });
}

/// Which of "a|b|c" a flow meets: UDP by its ports, ICMP by its checksum.
IpAddress balanced(const std::string& choices, const Packet& packet) {
  std::vector<std::string> all(1);
  for (const char c : choices) {
    if (c == '|')
      all.emplace_back();
    else
      all.back() += c;
  }
  const auto octet = [&](std::size_t i) { return std::to_integer<unsigned>(packet.payload.at(i)); };
  const unsigned flow = packet.icmp ? octet(2) * 256 + octet(3) : packet.from.port + packet.to.port;
  return IpAddress::parse(all[flow % all.size()]).value();
}

/// The router at which the hop limit ends says so.
void SimulatedWorld::Impl::expire(SimulatedHost& from, const Way& link, const Packet& packet) {
  const auto hop = static_cast<std::size_t>(packet.hop_limit);
  const std::string& choices = link.options.routers.at(hop - 1);
  if (choices == "-") return;
  const IpAddress router = balanced(choices, packet);
  const auto share = static_cast<std::int64_t>(hop) * 2;
  const auto steps = static_cast<std::int64_t>(link.options.routers.size() + 1);
  at(now + link.options.delay.count() * share / steps, [&from, router, packet] {
    const bool v4 = packet.from.address.family() == Family::v4;
    if (SimulatedSocket* const socket = from.impl_->find(packet.from, packet.to, packet.icmp)) {
      socket->arrive_error(packet, router, EHOSTUNREACH, v4 ? 11 : 3, 0);
    }
  });
}

}  // namespace sonde::test
