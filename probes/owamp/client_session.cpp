#include "probes/owamp/client_session.h"

#include <algorithm>

#include "probes/amp/test_socket.h"

namespace sonde::owamp {
namespace {

/// The loop gives a stopped session 5 s.
constexpr Duration kStopWait = std::chrono::seconds{4};
const std::string kStopped = "The run was ended from here before its time.";

}  // namespace

ClientSession::ClientSession(const RunOrder& order, ProbeContext& context)
    : order_(order), context_(context), settings_(read_settings(order)) {}

void ClientSession::on_start(Now now, Outbox& out) {
  if (open(now, out)) begin(now, out);
  collect(now, out);
}

bool ClientSession::reopen(Now now, Outbox& out) {
  for (const auto& client : clients_) client->disconnect(out);
  clients_.clear();
  if (socket_ != 0) out.close_socket(socket_);
  socket_ = 0;
  return open(now, out);
}

bool ClientSession::open(Now now, Outbox& out) {
  const IpAddress& target = order_.target;
  std::optional<IpAddress> local;
  if (!order_.spec.source.empty())
    local = IpAddress::parse(order_.spec.source);
  else
    local = context_.network.source_for(target);
  if (!local || local->family() != target.family()) {
    cannot_begin("No route to " + target.text() + ": this node has no " + std::string(to_string(target.family())) +
                     " address to reach it from. Check the address and this node's own connection.",
                 now, out);
    return false;
  }
  const Opened socket = amp::open_test_socket(out, *local, context_.test_ports, settings_.dscp, context_.random);
  if (!socket) {
    cannot_begin("No test socket could be opened on " + local->text() + ": " + socket.error +
                     ". Close what uses the ports, or widen the range of test ports.",
                 now, out);
    return false;
  }
  socket_ = socket.id;
  const ControlClient::Ends ends{{target, settings_.port}, *local, socket.id, socket.local.port, connections() == 1};
  for (std::size_t i = 0; i < connections(); ++i) clients_.push_back(std::make_unique<ControlClient>(ends, context_));
  return true;
}

RoundOrder ClientSession::common_order() const {
  RoundOrder round;
  round.slot = settings_.slot;
  round.packets = settings_.count;
  round.forward = settings_.forward;
  round.reverse = settings_.reverse;
  round.timeout = settings_.loss_threshold;
  round.padding = settings_.padding;
  round.dscp = settings_.dscp;
  return round;
}

SteadyTime ClientSession::next_deadline() const {
  SteadyTime next = std::min(stop_at_, next_plan());
  for (const auto& client : clients_) next = std::min(next, client->next_deadline());
  return next;
}

bool ClientSession::paced() const {
  return std::ranges::any_of(clients_, [](const auto& client) { return client->paced(); });
}

void ClientSession::on_deadline(Now now, Outbox& out) {
  // The one whose packet or time is due first, and no other: the next gets a fresh stamp.
  const auto next = std::ranges::min_element(clients_, {}, [](const auto& client) { return client->next_deadline(); });
  if (next != clients_.end() && (*next)->next_deadline() <= std::min(now.steady, next_plan())) {
    (*next)->on_deadline(now, out);
  } else if (now.steady >= stop_at_) {
    for (const auto& client : clients_) client->abandon(kStopped, now, out);
  } else if (now.steady >= next_plan()) {
    plan(now, out);
  }
  collect(now, out);
}

void ClientSession::collect(Now now, Outbox& out) {
  for (const auto& client : clients_)
    if (auto round = client->take_finished()) over(std::move(round), now, out);
  if (stopping() && all_idle()) out.finish();
}

bool ClientSession::all_idle() const {
  return std::ranges::all_of(clients_, [](const auto& client) { return client->idle(); });
}

ControlClient* ClientSession::owner(StreamId stream) const {
  const auto found = std::ranges::find_if(clients_, [stream](const auto& client) { return client->owns(stream); });
  return found == clients_.end() ? nullptr : found->get();
}

void ClientSession::on_datagram(SocketId, const Datagram& datagram, Now now, Outbox&) {
  // One socket serves all connections: the peer's port tells whose packet it is.
  for (const auto& client : clients_) client->on_datagram(datagram, now);
}

void ClientSession::on_connected(StreamId stream, const Endpoint&, Now now, Outbox& out) {
  if (ControlClient* client = owner(stream)) client->on_connected(now, out);
}

void ClientSession::on_bytes(StreamId stream, std::span<const std::byte> data, Now now, Outbox& out) {
  if (ControlClient* client = owner(stream)) client->on_bytes(data, now, out);
  collect(now, out);
}

void ClientSession::on_closed(StreamId stream, std::string_view reason, Now now, Outbox& out) {
  if (ControlClient* client = owner(stream)) client->on_closed(reason, now, out);
  collect(now, out);
}

void ClientSession::on_clock_step(Duration step, Now now, Outbox& out) {
  for (const auto& client : clients_) client->on_clock_step(step, now, out);
  stepped(step, now);
  collect(now, out);
}

void ClientSession::on_stop(Now now, Outbox& out) {
  stop_at_ = now.steady + kStopWait;
  for (const auto& client : clients_) client->end_early(kStopped, now, out);
  collect(now, out);
}

}  // namespace sonde::owamp
