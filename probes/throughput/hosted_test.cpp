#include "probes/throughput/hosted_test.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/quantity.h"

namespace sonde::throughput {
namespace {

using namespace std::chrono_literals;

constexpr Duration kSlotWithin = 5s, kStreamsWithin = 10s, kWord = 10s, kLastWord = 5s;
constexpr Duration kEnding = 7s;  // for what is under way, in both directions
constexpr Duration kLook = 5ms;
constexpr Duration kAround = 10s;  // beside the data: opening, draining, results

std::string describe(const HostedTest::Guest& guest) {
  const Parameters& p = guest.parameters;
  return std::string("a ") + (p.udp ? "UDP" : "TCP") + " throughput test from " + guest.peer.address.text() + ", " +
         format_duration(guest.longest + std::chrono::seconds{p.omit_seconds}) + " at most";
}

}  // namespace

HostedTest::HostedTest(Guest guest, const ServerOptions& options, std::uint64_t ask_id)
    : guest_(std::move(guest)),
      options_(options),
      ask_id_(ask_id),
      log_(options.log.with("peer", guest_.peer.text())),
      plan_(plan_of(guest_.parameters, End::server)) {
  plan_.local = guest_.local;
  plan_.peer = guest_.peer;
}

HostedTest::~HostedTest() { options_.release(told_end()); }

AskEnd HostedTest::told_end() const {
  const std::string sentence =
      (guest_.parameters.udp ? "UDP, " : "TCP, ") + with_prefix(static_cast<double>(octets_), "B") + " of payload";
  if (trouble_.empty()) return {ask_id_, Outcome::done, sentence + "."};
  return {ask_id_, Outcome::failed, sentence + "; it was not completed: " + trouble_ + "."};
}

void HostedTest::start(Now now, Outbox& out) {
  enter(Phase::asking, kSlotWithin, now);
  const Duration length = guest_.longest + std::chrono::seconds{guest_.parameters.omit_seconds} + kAround;
  options_.ask({ask_id_, guest_.peer.address, length, describe(guest_)},
               [answer = answer_](std::optional<std::string> refused) {
                 const std::lock_guard lock(answer->mutex);
                 answer->given = true;
                 answer->refused = std::move(refused);
               });
  look_for_answer(now, out);
}

void HostedTest::look_for_answer(Now now, Outbox& out) {
  look_at_ = now.steady + kLook;
  std::optional<std::string> refused;
  {
    const std::lock_guard lock(answer_->mutex);
    if (!answer_->given) return;
    refused = answer_->refused;
  }
  if (refused) return refuse(std::nullopt, *refused, out);
  accept(now, out);
}

/// The door for the data is open before the client hears that it may come.
void HostedTest::accept(Now now, Outbox& out) {
  const Parameters& p = guest_.parameters;
  enter(Phase::creating, kStreamsWithin, now);
  try {
    mover_ = options_.make_mover(plan_, options_.clock);
    if (plan_.udp) mover_->open_udp(End::server);
  } catch (const Error& error) {
    return refuse(Trouble::bad_parameters, error.what(), out);
  }
  meter_ = std::make_unique<Meter>(
      plan_, *mover_, Meter::Course{std::chrono::seconds{p.omit_seconds}, p.octets + p.blocks * plan_.block_octets});
  log_.info("throughput test accepted", {{"what", describe(guest_)}, {"streams", std::to_string(plan_.flows.size())}});
  say(State::create_streams, out);
  if (plan_.udp) look_at_ = now.steady + kLook;
}

bool HostedTest::expects(const IpAddress& peer, const Cookie& cookie) const {
  return phase_ == Phase::creating && !plan_.udp && peer == guest_.peer.address && cookie == guest_.cookie;
}

void HostedTest::take_stream(std::unique_ptr<Stream> stream, Now now, Outbox& out) {
  try {
    mover_->take(std::move(stream));
  } catch (const Error& error) {
    return refuse(Trouble::bad_parameters, error.what(), out);
  }
  if (++taken_ == plan_.flows.size()) begin(now, out);
}

void HostedTest::begin(Now now, Outbox& out) {
  say(State::test_start, out);
  say(State::test_running, out);
  meter_->begin(now.steady);
  mover_->start();
  enter(Phase::running, guest_.longest + std::chrono::seconds{guest_.parameters.omit_seconds} + kAround, now);
}

SteadyTime HostedTest::next_deadline() const {
  const SteadyTime tick = phase_ == Phase::running ? meter_->next_tick() : kNever;
  return std::min({until_, look_at_, tick});
}

void HostedTest::on_deadline(Now now, Outbox& out) {
  if (phase_ == Phase::running) meter_->tick(now.steady);
  if (look_at_ <= now.steady) look(now, out);
  if (now.steady < until_ || over()) return;
  switch (phase_) {
    case Phase::asking:
      return refuse(std::nullopt, "the slot for heavy tests gave no answer", out);
    case Phase::running:
      out.write(guest_.control, encode_server_error(Trouble::server_duration));
      return finish("it did not end in its time", out);
    case Phase::ending:
      look_at_ = kNever;
      return look(now, out);
    default:
      return finish("the client stopped talking", out);
  }
}

void HostedTest::look(Now now, Outbox& out) {
  if (phase_ == Phase::asking) return look_for_answer(now, out);
  look_at_ = now.steady + kLook;
  if (phase_ == Phase::creating) {
    const auto opening = mover_->opening();
    if (!opening.trouble.empty()) return finish(opening.trouble, out);
    if (opening.ready) begin(now, out);
  } else if (phase_ == Phase::ending) {
    const bool all = std::ranges::all_of(mover_->read(), &Moved::ended);
    if (!all && now.steady < until_) return;
    meter_->end(now.steady);
    const EndResults mine = end_results(*meter_, *mover_, now.steady);
    for (const StreamResult& stream : mine.streams) octets_ += stream.octets;
    mine_ = encode(mine);
    mover_.reset();  // closes the data connections: the client sees their end before our word
    say(State::exchange_results, out);
    enter(Phase::awaiting_results, kWord, now);
  } else {
    look_at_ = kNever;
  }
}

void HostedTest::on_bytes(std::span<const std::byte> data, Now now, Outbox& out) {
  input_.add(data);
  while (!over()) {
    if (phase_ == Phase::awaiting_results) {
      std::string json;
      const auto read = input_.take_json(kMostResultOctets, json);
      if (read == ControlInput::Json::partial) return;
      if (read == ControlInput::Json::too_long) return finish("its results are too long", out);
      take_results(json, now, out);
      continue;
    }
    const auto octet = input_.take(1);
    if (!octet) return;
    const auto state = state_from(octet->front());
    if (!state) return finish("it said what no iperf3 client says", out);
    take_state(*state, now, out);
  }
}

void HostedTest::take_state(State state, Now now, Outbox& out) {
  if (state == State::test_end && phase_ == Phase::running) {
    mover_->stop_sending();
    mover_->finish_receiving();
    enter(Phase::ending, kEnding, now);
    return look(now, out);
  }
  if (state == State::done && phase_ == Phase::closing) return finish("done", out);
  if (state == State::client_terminate) return finish("the client gave up", out);
  finish("it said something out of turn", out);
}

void HostedTest::take_results(const std::string& json, Now now, Outbox& out) {
  if (!decode_results(json)) return refuse(Trouble::bad_results, "its results make no sense", out);
  out.write(guest_.control, frame_json(mine_));
  say(State::display_results, out);
  enter(Phase::closing, kLastWord, now);
}

void HostedTest::on_closed(std::string_view reason) {
  trouble_ = phase_ == Phase::closing ? "" : std::string(reason);
  log_.info("throughput test ended", {{"why", trouble_.empty() ? "done" : trouble_}});
  if (meter_ && meter_->begun() && mover_)
    for (const StreamResult& stream : meter_->results()) octets_ += stream.octets;
  phase_ = Phase::over;
}

void HostedTest::on_stop(Outbox& out) {
  say(State::server_terminate, out);
  finish("this node is stopping", out);
}

void HostedTest::say(State state, Outbox& out) {
  const std::byte octet = octet_of(state);
  out.write(guest_.control, {&octet, 1});
}

void HostedTest::enter(Phase phase, Duration within, Now now) {
  phase_ = phase;
  until_ = now.steady + within;
  look_at_ = kNever;
}

void HostedTest::refuse(std::optional<Trouble> trouble, const std::string& why, Outbox& out) {
  if (trouble)
    out.write(guest_.control, encode_server_error(*trouble));
  else
    say(State::access_denied, out);
  finish(why, out);
}

void HostedTest::finish(std::string_view why, Outbox& out) {
  if (over()) return;
  on_closed(why);
  out.close_stream(guest_.control);
}

}  // namespace sonde::throughput
