#include <algorithm>
#include <cerrno>

#include "core/base/error.h"
#include "test/support/simulated_network.h"

// Connections: ordered bytes with the delay of the link, refusals, resets, a window of 1 MiB.
namespace sonde::test {
namespace {

constexpr std::size_t kWindow = 1 << 20;
constexpr std::size_t kMostRead = 64 << 10;
constexpr std::int64_t kRetry = 200'000'000;

void mark(const std::shared_ptr<StreamEnd>& end) {
  if (end->handle) end->handle->mark();
}

void close(const std::shared_ptr<StreamEnd>& end, std::string reason) {
  end->host->impl_->streams.erase(end);
  if (end->state == Stream::State::closed) return;
  end->state = Stream::State::closed;
  end->reason = std::move(reason);
  mark(end);
}

/// Runs `what` once the link from `from` to `to` has carried it: later than planned if the link is down.
void carry(SimulatedHost& from, SimulatedHost& to, std::int64_t when, std::function<void()> what) {
  auto& world = *from.impl_->world.impl_;
  world.at(when, [&from, &to, what = std::move(what)] {
    auto& w = *from.impl_->world.impl_;
    if (w.way(from, to).options.down) return carry(from, to, w.now + kRetry, what);
    what();
  });
}

void reset(const std::shared_ptr<StreamEnd>& end) { close(end, "connection reset"); }

/// The next piece under way to `end` arrives. Nobody there any more answers with a reset.
void arrive(const std::shared_ptr<StreamEnd>& end) {
  if (end->under_way.empty()) return;
  const Bytes piece = std::move(end->under_way.front());
  end->under_way.pop_front();
  if (end->state == Stream::State::closed) return;
  if (piece.empty()) {
    end->ended = true;
    if (end->released) return close(end, "closed");
  } else if (!end->released) {
    end->incoming.insert(end->incoming.end(), piece.begin(), piece.end());
  } else if (const auto other = end->other.lock()) {
    auto& world = *end->host->impl_->world.impl_;
    const auto when = world.now + world.delay(*end->host, *other->host).count();
    return carry(*end->host, *other->host, when, [other] { reset(other); });
  }
  mark(end);
}

void send_piece(const std::shared_ptr<StreamEnd>& to, SimulatedHost& from, Bytes piece) {
  auto& world = *from.impl_->world.impl_;
  to->under_way.push_back(std::move(piece));
  to->last_arrival = std::max(to->last_arrival, world.now + world.delay(from, *to->host).count());
  carry(from, *to->host, to->last_arrival, [to] { arrive(to); });
}

}  // namespace

SimulatedStream::SimulatedStream(std::shared_ptr<StreamEnd> end) : end_(std::move(end)) { end_->handle = this; }

SimulatedStream::~SimulatedStream() {
  end_->handle = nullptr;
  end_->released = true;
  const auto other = end_->other.lock();
  if (end_->state != State::closed && other) send_piece(other, *end_->host, {});
  if (end_->state == State::connecting || end_->ended || !other) close(end_, "closed");
}

Stream::State SimulatedStream::state() const {
  // What has come is read before the end is seen.
  if (end_->ended && end_->incoming.empty() && end_->state == State::open) close(end_, "closed by the peer");
  return end_->state;
}

std::size_t SimulatedStream::write(std::span<const std::byte> data) {
  const auto other = end_->other.lock();
  if (end_->state != State::open || !other || other->state == State::closed) return 0;
  const std::size_t taken = std::min(data.size(), kWindow - other->unread);
  if (taken == 0) return 0;
  other->unread += taken;
  send_piece(other, *end_->host, Bytes(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(taken)));
  return taken;
}

std::span<const std::byte> SimulatedStream::read() {
  const auto n = static_cast<std::ptrdiff_t>(std::min(end_->incoming.size(), kMostRead));
  current_.assign(end_->incoming.begin(), end_->incoming.begin() + n);
  end_->incoming.erase(end_->incoming.begin(), end_->incoming.begin() + n);
  end_->unread -= current_.size();
  if (const auto other = end_->other.lock(); other && n > 0) sonde::test::mark(other);
  return current_;
}

Ready SimulatedStream::ready() const {
  const auto other = end_->other.lock();
  const bool closed = end_->state == State::closed;
  const bool room = end_->state == State::open && other && other->unread < kWindow;
  return {token, closed || end_->ended || !end_->incoming.empty(), wants_write && (room || closed)};
}

SimulatedListener::SimulatedListener(SimulatedHost& host, const Endpoint& at) : host_(host), local_(at) {
  auto& listeners = host_.impl_->listeners;
  if (!at.address.is_unspecified() && !host_.impl_->owns(at.address))
    throw Error("listen at", at.text(), EADDRNOTAVAIL);
  if (local_.port == 0) local_.port = host_.impl_->free_port();
  if (!listeners.emplace(local_, this).second) throw Error("listen at", at.text(), EADDRINUSE);
}

SimulatedListener::~SimulatedListener() {
  host_.impl_->listeners.erase(local_);
  for (const auto& end : waiting) {
    if (const auto other = end->other.lock()) reset(other);
  }
}

std::unique_ptr<Stream> SimulatedListener::accept() {
  if (waiting.empty()) return nullptr;
  auto end = waiting.front();
  waiting.pop_front();
  return std::make_unique<SimulatedStream>(std::move(end));
}

namespace {

/// The first packet of a connection reaches its target.
void knock(const std::shared_ptr<StreamEnd>& client, SimulatedHost& target) {
  if (client->state == Stream::State::closed) return;
  auto& world = *target.impl_->world.impl_;
  const auto back = world.now + world.delay(target, *client->host).count();
  auto& listeners = target.impl_->listeners;
  auto found = listeners.find(client->peer);
  if (found == listeners.end())
    found = listeners.find({IpAddress::any(client->peer.address.family()), client->peer.port});
  if (found == listeners.end()) {
    return carry(target, *client->host, back, [client] { close(client, "connection refused"); });
  }
  const auto server = std::make_shared<StreamEnd>();
  server->host = &target;
  server->local = client->peer;
  server->peer = client->local;
  server->state = Stream::State::open;
  server->other = client;
  client->other = server;
  target.impl_->streams.insert(server);
  found->second->waiting.push_back(server);
  found->second->mark();
  client->last_arrival = back;
  carry(target, *client->host, back, [client] {
    if (client->state != Stream::State::connecting) return;
    client->state = Stream::State::open;
    mark(client);
  });
}

}  // namespace

std::unique_ptr<Stream> SimulatedNetwork::connect(const Endpoint& to, const IpAddress& from, const StreamOptions&) {
  auto& world = *host_.impl_->world.impl_;
  // The route chooses where the caller did not, whatever family an unspecified address has.
  const auto source =
      host_.impl_->source(from.is_unspecified() ? IpAddress::any(to.address.family()) : from, to.address);
  if (!source) throw Error("connect to", to.text(), ENETUNREACH);
  const auto end = std::make_shared<StreamEnd>();
  end->host = &host_;
  end->local = {*source, host_.impl_->free_port()};
  end->peer = to;
  host_.impl_->streams.insert(end);
  if (SimulatedHost* const target = world.owner(host_, to.address)) {
    carry(host_, *target, world.now + world.delay(host_, *target).count(), [end, target] { knock(end, *target); });
  }
  return std::make_unique<SimulatedStream>(end);
}

std::unique_ptr<Listener> SimulatedNetwork::listen(const Endpoint& at) {
  return std::make_unique<SimulatedListener>(host_, at);
}

void SimulatedHost::reset_streams() {
  for (const auto& end : std::vector(impl_->streams.begin(), impl_->streams.end())) {
    if (const auto other = end->other.lock()) reset(other);
    reset(end);
  }
}

}  // namespace sonde::test
