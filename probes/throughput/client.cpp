#include "probes/throughput/client.h"

#include <algorithm>

#include "core/base/error.h"
#include "probes/throughput/failure.h"

namespace sonde::throughput {
namespace {

using namespace std::chrono_literals;

constexpr Duration kIdling = 2s;    // pings before the data
constexpr Duration kAnswer = 10s;   // of one word of the server
constexpr Duration kOpening = 15s;  // of all streams, and of the server's word that it has them
constexpr Duration kEnding = 20s;   // the server drains its own streams meanwhile
constexpr Duration kDraining = 6s, kSettling = 50ms, kCollecting = 5s;
constexpr Duration kWatch = 100ms;  // the same while a test by time runs
constexpr Duration kLook = 5ms;     // how often the mover is asked whether something has ended

}  // namespace

Client::Client(const RunOrder& order, const Settings& settings, ProbeContext& context, MakeMover make_mover, Done done)
    : order_(order),
      settings_(settings),
      context_(context),
      make_mover_(std::move(make_mover)),
      done_(std::move(done)) {
  report_.parameters = settings.parameters;
  report_.peer = {order.target, settings.port};
}

void Client::on_start(Now now, Outbox& out) {
  report_.begin = now.utc;
  report_.cookie = make_cookie(context_.random);
  report_.plan = plan_of(report_.parameters, End::client);
  if (const std::string conflict = conflict_of(settings_); !conflict.empty())
    return fail(Outcome::failed, conflict, now, out);
  if (!settings_.latency) return connect(now, out);
  latency_.begin(order_.target, source(), context_.random, now, out);
  context_.progress(-1, "pinging the idle path");
  enter(Phase::idling, kIdling, now);
}

IpAddress Client::source() const {
  return IpAddress::parse(order_.spec.source).value_or(IpAddress::any(order_.target.family()));
}

void Client::connect(Now now, Outbox& out) {
  latency_.load(LatencyBeside::Load::neither);
  control_ = out.connect(report_.peer, source());
  enter(Phase::connecting, kOpening, now);
}

void Client::on_datagram(SocketId socket, const Datagram& datagram, Now, Outbox&) {
  latency_.on_datagram(socket, datagram);
}

SteadyTime Client::next_deadline() const {
  const SteadyTime tick = meter_ && phase_ == Phase::running ? meter_->next_tick() : kNever;
  return std::min({until_, look_at_, tick, latency_.next_deadline()});
}

void Client::enter(Phase phase, Duration within, Now now) {
  phase_ = phase;
  until_ = now.steady + within;
  look_at_ = kNever;
}

void Client::say(State state, Outbox& out) {
  const std::byte octet = octet_of(state);
  out.write(control_, {&octet, 1});
}

void Client::on_connected(StreamId stream, const Endpoint& local, Now now, Outbox& out) {
  out.write(stream, report_.cookie);
  if (stream == control_) {
    report_.local = local;
    return enter(Phase::greeting, kAnswer, now);
  }
  auto released = out.release(stream);
  if (!released) return fail(Outcome::failed, failure::no_data_connection(report_.peer, "it does not write"), now, out);
  report_.ends.push_back(local);
  opening_ = 0;
  try {
    mover_->take(std::move(released));
  } catch (const Error& error) {
    return fail(Outcome::failed, failure::no_data_connection(report_.peer, error.what()), now, out);
  }
  ++opened_;
  open_next(now, out);
}

void Client::on_bytes(StreamId stream, std::span<const std::byte> data, Now now, Outbox& out) {
  if (stream != control_ || phase_ == Phase::over) return;
  input_.add(data);
  while (phase_ != Phase::over && take_word(now, out)) {
  }
}

bool Client::take_word(Now now, Outbox& out) {
  if (error_follows_) {
    if (input_.size() < 8) return false;
    take_error(now, out);
    return false;
  }
  if (phase_ == Phase::exchanging && !report_.remote) {
    std::string json;
    switch (input_.take_json(kMostResultOctets, json)) {
      case ControlInput::Json::partial:
        return false;
      case ControlInput::Json::too_long:
        fail(Outcome::failed, failure::not_iperf3(report_.peer, awaited()), now, out);
        return false;
      case ControlInput::Json::whole:
        take_results(json, now, out);
        return true;
    }
  }
  const auto octet = input_.take(1);
  if (!octet) return false;
  const auto state = state_from(octet->front());
  if (!state)
    fail(Outcome::failed, failure::not_iperf3(report_.peer, awaited()), now, out);
  else
    take_state(*state, now, out);
  return true;
}

void Client::take_state(State state, Now now, Outbox& out) {
  const auto expect = [&](Phase phase) {
    if (phase_ == phase) return true;
    fail(Outcome::failed, failure::not_iperf3(report_.peer, awaited()), now, out);
    return false;
  };
  switch (state) {
    case State::parameters:
      if (!expect(Phase::greeting)) return;
      out.write(control_, frame_json(encode(report_.parameters)));
      return enter(Phase::asking, kAnswer, now);
    case State::create_streams:
      if (expect(Phase::asking)) open_streams(now, out);
      return;
    case State::test_start:
      return;  // test_running follows at once and says the same
    case State::test_running:
      // The server may be faster than our own look at the UDP streams.
      if (phase_ == Phase::opening && report_.plan.udp)
        told_to_run_ = true;
      else if (expect(Phase::starting))
        run(now);
      return;
    case State::exchange_results:
      if (!expect(Phase::ending)) return;
      mover_->finish_receiving();
      enter(Phase::collecting, kCollecting, now);
      return look(now, out);
    case State::display_results:
      if (!expect(Phase::exchanging)) return;
      say(State::done, out);
      return conclude(now, out);
    case State::access_denied:
      return fail(Outcome::busy, failure::busy(report_.peer), now, out);
    case State::server_error:
      error_follows_ = true;
      return;
    default:
      return fail(Outcome::failed, failure::given_up(report_.peer), now, out);
  }
}

void Client::take_error(Now now, Outbox& out) {
  const auto error = decode_server_error(*input_.take(8));
  fail(Outcome::refused, failure::refused(report_.peer, *error), now, out);
}

void Client::take_results(const std::string& json, Now now, Outbox& out) {
  report_.remote = decode_results(json);
  if (!report_.remote) return fail(Outcome::failed, failure::not_iperf3(report_.peer, awaited()), now, out);
}

void Client::open_streams(Now now, Outbox& out) {
  enter(Phase::opening, kOpening, now);
  Plan& plan = report_.plan;
  plan.local = {report_.local.address, 0};
  plan.peer = report_.peer;
  mover_ = make_mover_(plan, context_.clock);
  meter_ =
      std::make_unique<Meter>(plan, *mover_,
                              Meter::Course{std::chrono::seconds{report_.parameters.omit_seconds},
                                            report_.parameters.octets + report_.parameters.blocks * plan.block_octets});
  if (!plan.udp) return open_next(now, out);
  try {
    mover_->open_udp(End::client);
    look_at_ = now.steady + kLook;
  } catch (const Error& error) {
    fail(Outcome::failed, error.what(), now, out);
  }
}

/// One after the other: the server counts them in the order in which they come.
void Client::open_next(Now now, Outbox& out) {
  if (opened_ == report_.plan.flows.size()) {
    if (phase_ == Phase::opening) enter(Phase::starting, kOpening, now);
    return;
  }
  const Parameters& p = report_.parameters;
  opening_ = out.connect(report_.peer, report_.local.address,
                         {.window_octets = static_cast<std::uint32_t>(p.window_octets),
                          .segment_octets = static_cast<std::uint16_t>(p.segment_octets),
                          .traffic_class = static_cast<std::uint8_t>(p.traffic_class),
                          .congestion = p.congestion});
}

void Client::run(Now now) {
  meter_->begin(now.steady);
  mover_->start();
  report_.data_begin = now.utc;
  phase_ = Phase::running;
  const Parameters& p = report_.parameters;
  const bool by_time = p.octets == 0 && p.blocks == 0;
  // A test that ends by its octets has no time of its own, but nothing lasts for ever.
  const auto length = by_time ? std::chrono::seconds{p.omit_seconds + p.seconds} : std::chrono::seconds{3600};
  until_ = now.steady + length;
  look_at_ = now.steady + kLook;
}

void Client::on_deadline(Now now, Outbox& out) {
  latency_.on_deadline(now, out);
  if (phase_ == Phase::idling && now.steady >= until_) return connect(now, out);
  if (phase_ == Phase::running) return watch_course(now, out);
  if (look_at_ <= now.steady) look(now, out);
  if (phase_ == Phase::over || now.steady < until_) return;
  if (phase_ == Phase::draining || phase_ == Phase::settling || phase_ == Phase::collecting) {
    // What did not arrive in this time is told by the difference of the two counts.
    look_at_ = kNever;
    return look(now, out);
  }
  fail(Outcome::failed, failure::silent(report_.peer, awaited()), now, out);
}

void Client::watch_course(Now now, Outbox& out) {
  meter_->tick(now.steady);
  // What is omitted, TCP's slow start above all, does not count as load either.
  latency_.load(meter_->counting() ? LatencyBeside::Load::loaded : LatencyBeside::Load::neither);
  tell_progress(now);
  for (const Moved& moved : mover_->read())
    if (moved.ended && !moved.trouble.empty())
      return fail(Outcome::failed, failure::data_broke(moved.trouble), now, out);
  look_at_ = now.steady + (report_.parameters.seconds != 0 ? kWatch : kLook);
  if (!goal_reached(now.steady)) return;
  mover_->stop_sending();
  latency_.load(LatencyBeside::Load::neither);
  enter(Phase::draining, kDraining, now);
  look(now, out);
}

bool Client::goal_reached(SteadyTime now) const {
  if (now >= until_) return true;
  const Parameters& p = report_.parameters;
  const std::uint64_t goal = p.octets + p.blocks * report_.plan.block_octets;
  if (goal == 0 || !meter_->counting()) return false;
  const bool sent = std::ranges::none_of(report_.plan.flows, [](const Flow& f) { return f.role == Role::send; }) ||
                    meter_->octets(Role::send) >= goal;
  const bool received =
      std::ranges::none_of(report_.plan.flows, [](const Flow& f) { return f.role == Role::receive; }) ||
      meter_->octets(Role::receive) >= goal;
  return sent && received;
}

bool Client::sends() const {
  return std::ranges::any_of(report_.plan.flows, [](const Flow& flow) { return flow.role == Role::send; });
}

bool Client::ended(Role role) {
  const auto all = mover_->read();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (report_.plan.flows[i].role == role && !all[i].ended) return false;
  return true;
}

/// Whether what we wait for at this host has happened.
void Client::look(Now now, Outbox& out) {
  look_at_ = now.steady + kLook;
  const bool late = now.steady >= until_;
  if (phase_ == Phase::opening && report_.plan.udp) {
    const auto opening = mover_->opening();
    if (!opening.trouble.empty()) return fail(Outcome::failed, opening.trouble, now, out);
    if (opening.ready) enter(Phase::starting, kOpening, now);
    if (opening.ready && told_to_run_) run(now);
  } else if (phase_ == Phase::draining && (ended(Role::send) || late)) {
    // The peer's kernel has everything; its program reads it more surely before it hears that the test is over.
    enter(Phase::settling, sends() ? kSettling : Duration{}, now);
  } else if (phase_ == Phase::settling && late) {
    say(State::test_end, out);
    enter(Phase::ending, kEnding, now);
  } else if (phase_ == Phase::collecting && (ended(Role::receive) || late)) {
    meter_->end(now.steady);
    report_.own = end_results(*meter_, *mover_, now.steady);
    out.write(control_, frame_json(encode(report_.own)));
    enter(Phase::exchanging, kAnswer, now);
  }
}

void Client::on_closed(StreamId stream, std::string_view reason, Now now, Outbox& out) {
  if (phase_ == Phase::over) return;
  if (stream == opening_) return fail(Outcome::failed, failure::no_data_connection(report_.peer, reason), now, out);
  if (stream != control_) return;
  control_ = 0;
  fail(Outcome::failed,
       phase_ == Phase::connecting ? failure::no_connection(report_.peer, reason)
                                   : failure::ended(report_.peer, awaited(), reason),
       now, out);
}

void Client::on_stop(Now now, Outbox& out) {
  if (phase_ == Phase::over) return;
  if (control_ != 0 && phase_ > Phase::greeting) say(State::client_terminate, out);
  fail(Outcome::failed, "Stopped before it was over.", now, out);
}

std::string Client::awaited() const {
  switch (phase_) {
    case Phase::idling:
    case Phase::connecting:
    case Phase::greeting:
      return "its greeting";
    case Phase::asking:
      return "its answer to our parameters";
    case Phase::opening:
    case Phase::starting:
      return "its word that all data streams are open";
    case Phase::running:
    case Phase::draining:
    case Phase::settling:
    case Phase::ending:
      return "the end of the test";
    default:
      return "its results";
  }
}

void Client::tell_progress(Now now) {
  if (told_ == meter_->intervals().size()) return;
  told_ = meter_->intervals().size();
  const IntervalReading& newest = meter_->intervals().back();
  double octets[2] = {0, 0};
  for (std::size_t i = 0; i < newest.streams.size(); ++i)
    octets[report_.plan.flows[i].role == Role::receive] += static_cast<double>(newest.streams[i].octets);
  const double seconds = std::max(1e-3, to_seconds(newest.end - newest.begin));
  std::string phrase = format_duration(std::chrono::round<std::chrono::seconds>(newest.end));
  for (const bool received : {false, true})
    if (octets[received] > 0) {
      char text[64];
      std::snprintf(text, sizeof text, ", %.1f Mbit/s %s", octets[received] * 8 / seconds / 1e6,
                    received ? "from the peer" : "to the peer");
      phrase += text;
    }
  if (newest.omitted) phrase += " (not counted)";
  const double whole = to_seconds(until_ - now.steady) + to_seconds(newest.end);
  context_.progress(report_.parameters.seconds > 0 ? to_seconds(newest.end) / whole : -1, phrase);
}

void Client::conclude(Now now, Outbox& out) {
  phase_ = Phase::over;
  until_ = look_at_ = kNever;
  report_.end = now.utc;
  if (meter_ && meter_->begun()) {
    meter_->end(now.steady);
    report_.intervals = meter_->intervals();
    report_.base = meter_->base();
    report_.last = meter_->last();
    if (report_.own.streams.empty()) report_.own = end_results(*meter_, *mover_, now.steady);
    report_.copy_mode = mover_->copy_mode();
  }
  if (control_ != 0) out.close_stream(control_);
  if (settings_.latency) report_.latency = latency_.summary();
  latency_.end(out);
  mover_.reset();
  done_(report_);
  out.finish();
}

void Client::fail(Outcome outcome, const std::string& sentence, Now now, Outbox& out) {
  report_.outcome = outcome;
  report_.sentence = sentence;
  conclude(now, out);
}

}  // namespace sonde::throughput
