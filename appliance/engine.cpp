#include "appliance/engine.h"

#include <algorithm>

#include "appliance/run_session.h"
#include "core/base/identifier.h"

namespace sonde {
namespace {

/// Results of a light run that the schedule asked for fall on its grid: a polled series, one value a step.
void put_on_grid(const RunOrder& order, const ProbeType* type, Result& result) {
  if (type == nullptr || type->footprint != Footprint::light) return;
  const Schedule& schedule = order.spec.schedule;
  const bool whole_seconds = schedule.period % std::chrono::seconds{1} == Duration::zero();
  if (schedule.kind != Schedule::Kind::every || order.requester != "schedule" || !whole_seconds) return;
  result.continuous = true;
  result.step = schedule.period;
}

}  // namespace

/// A loop and its running runs; the map is the loop thread's own.
struct Engine::Seat {
  LoopSeat loop;
  std::map<std::string, std::uint64_t> sessions;
};

Engine::Engine(Parts parts)
    : parts_(std::move(parts)),
      routes_(*parts_.archive),
      slot_(*parts_.tasks, *parts_.clock, parts_.log.with("part", "slot")) {
  slot_.on_lease([this](const Lease& lease) { heavy_.note(lease); });
  for (const LoopSeat& seat : parts_.seats) seats_.push_back(std::make_shared<Seat>(Seat{seat, {}}));
  scheduler_ = std::make_unique<Scheduler>(
      *parts_.tasks, *parts_.clock, *parts_.random, slot_, parts_.log.with("part", "scheduler"),
      Scheduler::Hooks{.start = [this](const TestSpec& spec, const RunView& run) { start(spec, run); },
                       .stop = [this](const std::string& run) { stop(run); },
                       .not_started = [this](const TestSpec& spec, const RunView& run) { not_started(spec, run); },
                       .load = [this](const TestSpec& spec) { return load(spec); }});
}

Engine::~Engine() = default;

const ProbeType* Engine::probe(std::string_view name) const {
  for (const ProbeType* type : parts_.catalogue)
    if (type->name == name) return type;
  return nullptr;
}

RunLoad Engine::load(const TestSpec& spec) const {
  const ProbeType* type = probe(spec.probe);
  if (type == nullptr || type->footprint != Footprint::saturating || type->cost == nullptr) return {};
  return {true, std::chrono::ceil<Duration>(std::chrono::duration<double>(type->cost(spec).slot_seconds))};
}

void Engine::apply(std::shared_ptr<const Config> config) {
  std::map<std::string, UtcTime> last_planned;
  for (const TestSpec& spec : config->tests) {
    if (config_ && config_->test(spec.id)) continue;
    const auto newest = parts_.archive->results({.test = spec.id, .limit = 1});
    if (newest.empty()) continue;
    last_planned[spec.id] = newest.front()->begin;
    last_address_[spec.id] = newest.front()->remote_address;
  }
  config_ = std::move(config);
  routes_.follow(*config_);
  scheduler_->set_pauses(config_->pauses);
  scheduler_->set_tests(config_->tests, last_planned);
}

void Engine::clock_stepped(Duration step) {
  scheduler_->clock_stepped(step);
  const UtcTime now = parts_.clock->utc_now();
  const std::string amount = format_duration(step < Duration::zero() ? -step : step);
  parts_.archive->store_event({make_id(now, *parts_.random),
                               now,
                               "clock_step",
                               {},
                               "The clock was stepped " + std::string(step < Duration::zero() ? "back" : "forward") +
                                   " by " + amount + ". One-way delays before and after it do not compare."});
}

std::shared_ptr<Engine::Seat> Engine::next_seat() { return seats_[next_seat_++ % seats_.size()]; }

void Engine::start(const TestSpec& spec, const RunView& run) {
  active_[run.id] = {nullptr, spec, false};
  RunOrder order{.spec = spec,
                 .run = run.id,
                 .planned = run.planned,
                 .requester = run.requester,
                 .port_offset = parts_.port_offset};
  const ProbeType* type = probe(spec.probe);
  if (type == nullptr) return fail(order, "There is no probe \"" + spec.probe + "\" in this version.");
  if (!type->needs_peer) return open(run.id, std::move(order), {{IpAddress{}}, {}});
  const Peer* peer = config_->peer(spec.peer);
  if (peer == nullptr) return fail(order, "The test's peer is not in the list of peers any more; choose another.");
  order.target_name = peer->address;
  parts_.resolver->resolve(peer->address, spec.family, [this, id = run.id, order](Resolution resolution) {
    parts_.tasks->post([this, id, order, resolution = std::move(resolution)] { open(id, order, resolution); });
  });
}

/// The address used last, as long as the name still stands for it: several addresses must not make the series hop.
IpAddress Engine::choose(const TestSpec& spec, const Resolution& resolution) {
  const auto last = last_address_.find(spec.id);
  if (last != last_address_.end() &&
      std::ranges::find(resolution.addresses, last->second) != resolution.addresses.end())
    return last->second;
  const IpAddress chosen = resolution.addresses.front();
  if (last != last_address_.end() && !last->second.is_unspecified()) parts_.moved(spec.id);
  last_address_[spec.id] = chosen;
  return chosen;
}

void Engine::open(const std::string& run, RunOrder order, Resolution resolution) {
  const auto active = active_.find(run);
  if (active == active_.end()) return;
  if (active->second.stopping) return fail(order, "Stopped before it began.");
  if (resolution.addresses.empty())
    return fail(order, "The name " + order.target_name + " has no address to test: " + resolution.error + ".");
  const ProbeType* type = probe(order.spec.probe);
  if (type->needs_peer) order.target = choose(order.spec, resolution);
  if (const TestSpec* current = config_->test(order.spec.id)) order.spec.revision = current->revision;
  const auto seat = next_seat();
  active->second.seat = seat;
  const auto task = [this, seat, type, order = std::move(order), ports = config_->settings.test_ports] {
    auto report = [this, seat, order](Result result) { store(order, std::move(result), *seat->loop.random); };
    const auto gone = std::make_shared<bool>(false);  // a session may end while it is being started
    auto ended = [this, seat, gone, id = order.run](Outcome outcome, std::string sentence) {
      *gone = true;
      seat->sessions.erase(id);
      parts_.tasks->post([this, id, outcome, sentence = std::move(sentence)] { over(id, outcome, sentence); });
    };
    auto progress = [this, id = order.run](double share, std::string phase) {
      parts_.tasks->post([this, id, share, phase = std::move(phase)] { scheduler_->progress(id, share, phase); });
    };
    ProbeContext context{*parts_.clock,
                         *seat->loop.network,
                         *seat->loop.random,
                         parts_.log.with("test", order.spec.id).with("run", order.run),
                         ports,
                         report,
                         progress,
                         parts_.vouch,
                         [this, order](Result result) {
                           parts_.live(std::make_shared<const Result>(bearing(order, std::move(result))));
                         }};
    const auto session =
        seat->loop.loop->start(std::make_unique<RunSession>(*type, order, std::move(context), std::move(ended)));
    if (!*gone) seat->sessions[order.run] = session;
  };
  if (!seat->loop.loop->post(task))
    over(run, Outcome::failed, "The packet loop has too much to do to take in another test.");
}

void Engine::stop(const std::string& run) {
  const auto active = active_.find(run);
  if (active == active_.end()) return;
  active->second.stopping = true;
  const auto seat = active->second.seat;
  if (!seat) return;
  seat->loop.loop->post([seat, run] {
    if (const auto found = seat->sessions.find(run); found != seat->sessions.end())
      seat->loop.loop->stop(found->second);
  });
}

/// The Result with the names of its test and run.
Result Engine::bearing(const RunOrder& order, Result result) const {
  result.test = order.spec.id;
  result.revision = order.spec.revision;
  result.run = order.run;
  result.probe = order.spec.probe;
  result.time_in_doubt = !parts_.clock->quality().believed;
  return result;
}

/// A light sample that a heavy test shared the path with is no sample of the path alone.
void Engine::mark_heavy(Result& result) const {
  const ProbeType* type = probe(result.probe);
  if (type != nullptr && type->footprint == Footprint::light && heavy_.overlap(result.begin, result.end))
    result.health.own_heavy_test = true;
}

void Engine::store(const RunOrder& order, Result result, Random& random) {
  // The same run is tried again: it will have its Result.
  if (result.outcome == Outcome::busy) return;
  result = bearing(order, std::move(result));
  mark_heavy(result);
  result.id = make_id(parts_.clock->utc_now(), random);
  routes_.take(result, order.target_name, random);
  const ProbeType* type = probe(order.spec.probe);
  if (order.requester != "schedule") result.parameters["requester"] = order.requester;
  if (type != nullptr && type->footprint == Footprint::saturating)
    result.parameters["planned"] = format_utc(order.planned, 3);
  if (result.outcome == Outcome::done) put_on_grid(order, type, result);
  parts_.archive->store(std::move(result));
}

void Engine::not_started(const TestSpec& spec, const RunView& run) {
  Result result;
  result.begin = run.planned;
  result.end = run.end;
  result.outcome = run.state == RunState::refused ? Outcome::refused : Outcome::skipped;
  result.sentence = run.sentence;
  result.local_clock = parts_.clock->quality();
  store({.spec = spec, .run = run.id, .planned = run.planned, .requester = run.requester}, std::move(result),
        *parts_.random);
}

/// A run that failed before a session could be opened.
void Engine::fail(const RunOrder& order, std::string sentence) {
  Result result;
  result.begin = order.planned;
  result.end = parts_.clock->utc_now();
  result.outcome = Outcome::failed;
  result.sentence = sentence;
  result.local_clock = parts_.clock->quality();
  store(order, std::move(result), *parts_.random);
  parts_.tasks->post([this, run = order.run, sentence = std::move(sentence)] { over(run, Outcome::failed, sentence); });
}

void Engine::over(const std::string& run, Outcome outcome, std::string sentence) {
  active_.erase(run);
  scheduler_->ended(run, outcome, std::move(sentence));
}

}  // namespace sonde
