#include <cerrno>

#include "core/base/error.h"
#include "core/run/loop_impl.h"

// What sessions do to the world, and what the loop keeps for them.
namespace sonde {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kMostQueued = 4 << 20;
constexpr Duration kConnectWithin = 10s;
constexpr Duration kLingerWithin = 5s;

template <typename Map>
auto* find_own(Map& map, std::uint32_t id, const LoopSession& owner) {
  const auto found = map.find(id);
  return found != map.end() && found->second->owner == &owner ? found->second.get() : nullptr;
}

}  // namespace

SocketId PacketLoop::Impl::keep(LoopSession& owner, std::unique_ptr<PacketSocket> socket, bool stamped) {
  const SocketId id = ++last_handle_;
  network_.watch(*socket, loop_token::of(loop_token::socket, id));
  sockets_.emplace(id, std::make_unique<LoopSocket>(LoopSocket{&owner, std::move(socket), stamped}));
  owner.sockets.push_back(id);
  return id;
}

StreamId PacketLoop::Impl::keep(LoopSession& owner, std::unique_ptr<Stream> stream) {
  const StreamId id = ++last_handle_;
  auto kept = std::make_unique<LoopStream>();
  kept->owner = &owner;
  kept->stream = std::move(stream);
  streams_.emplace(id, std::move(kept));
  owner.streams.push_back(id);
  return id;
}

void PacketLoop::Impl::set_deadline(StreamId id, LoopStream& stream, SteadyTime deadline) {
  if (stream.deadline != kNever) stream_deadlines_.erase({stream.deadline, id});
  if (deadline != kNever) stream_deadlines_.emplace(deadline, id);
  stream.deadline = deadline;
}

/// Writability is watched only while connecting or while something waits to leave.
void PacketLoop::Impl::watch(StreamId id, LoopStream& stream) {
  stream.watches_write = !stream.announced || !stream.queue.empty();
  network_.watch(*stream.stream, loop_token::of(loop_token::stream, id), stream.watches_write);
}

void PacketLoop::Impl::queue(StreamId id, LoopStream& stream, std::span<const std::byte> data) {
  if (stream.queue.empty() && stream.announced) data = data.subspan(stream.stream->write(data));
  if (data.empty()) return;
  if (stream.queue.size() - stream.sent + data.size() > kMostQueued) {
    return end_stream(id, "the peer does not read");
  }
  stream.queue.insert(stream.queue.end(), data.begin(), data.end());
  if (!stream.watches_write) watch(id, stream);
}

/// The session is done with the stream. What is queued still leaves; nobody is told what becomes of it.
void PacketLoop::Impl::let_go(StreamId id) {
  LoopStream& stream = *streams_.at(id);
  std::erase(stream.owner->streams, id);
  stream.owner = nullptr;
  if (stream.queue.empty()) return end_stream(id, {});
  set_deadline(id, stream, clock_.steady_now() + kLingerWithin);
}

void PacketLoop::Impl::close_socket(SocketId id) {
  const auto found = sockets_.find(id);
  std::erase(found->second->owner->sockets, id);
  found->second->owner = nullptr;
  old_sockets_.push_back(std::move(found->second));
  sockets_.erase(found);
}

void PacketLoop::Impl::close_listener(ListenerId id) {
  const auto found = listeners_.find(id);
  std::erase(found->second->owner->listeners, id);
  old_listeners_.push_back(std::move(found->second));
  listeners_.erase(found);
}

LoopSocket* LoopOutbox::own_socket(SocketId id) { return find_own(loop_.sockets_, id, owner_); }
LoopStream* LoopOutbox::own_stream(StreamId id) { return find_own(loop_.streams_, id, owner_); }

Opened LoopOutbox::open_udp(const PacketOptions& options) {
  try {
    auto socket = loop_.network_.open_udp(options);
    const Endpoint local = socket->local();
    return {loop_.keep(owner_, std::move(socket), options.transmit_stamps), local, {}};
  } catch (const Error& error) {
    return {0, {}, error.what()};
  }
}

Opened LoopOutbox::open_icmp(const PacketOptions& options) {
  try {
    auto socket = loop_.network_.open_icmp(options);
    const Endpoint local = socket->local();
    return {loop_.keep(owner_, std::move(socket), options.transmit_stamps), local, {}};
  } catch (const Error& error) {
    return {0, {}, error.what()};
  }
}

int LoopOutbox::send(SocketId id, const Endpoint& to, std::span<const std::byte> payload) {
  return send(id, Outgoing{.payload = payload, .to = to});
}

int LoopOutbox::send_within(SocketId id, const Endpoint& to, std::span<const std::byte> payload, int hop_limit) {
  return send(id, Outgoing{.payload = payload, .to = to, .hop_limit = hop_limit});
}

int LoopOutbox::reply(SocketId id, const Datagram& received, std::span<const std::byte> payload) {
  return send(id, Outgoing{.payload = payload, .to = received.from, .from = received.to.address});
}

int LoopOutbox::send(SocketId id, const Outgoing& packet) {
  LoopSocket* const socket = own_socket(id);
  if (!socket) return EBADF;
  if (socket->socket->send({&packet, 1}) != 1) return socket->socket->error();
  if (socket->stamped) loop_.stamped_.push_back(id);
  return 0;
}

int LoopOutbox::keep_to(SocketId id, const Endpoint& peer) {
  LoopSocket* const socket = own_socket(id);
  return socket ? socket->socket->keep_to(peer) : EBADF;
}

std::uint64_t LoopOutbox::dropped_here(SocketId id) {
  LoopSocket* const socket = own_socket(id);
  return socket ? socket->socket->dropped_here() : 0;
}

std::uint16_t LoopOutbox::echo_identifier(SocketId id) {
  LoopSocket* const socket = own_socket(id);
  return socket ? socket->socket->echo_identifier() : std::uint16_t{0};
}

void LoopOutbox::close_socket(SocketId id) {
  if (own_socket(id)) loop_.close_socket(id);
}

StreamId LoopOutbox::connect(const Endpoint& to, const IpAddress& from, const StreamOptions& options) {
  try {
    const StreamId id = loop_.keep(owner_, loop_.network_.connect(to, from, options));
    LoopStream& stream = *loop_.streams_.at(id);
    loop_.watch(id, stream);
    loop_.set_deadline(id, stream, loop_.clock_.steady_now() + kConnectWithin);
    return id;
  } catch (const Error& error) {
    const StreamId id = ++loop_.last_handle_;
    loop_.after_.push_back([loop = &loop_, id, session = owner_.id, reason = std::string(error.what())] {
      const auto still = loop->sessions_.find(session);
      if (still == loop->sessions_.end()) return;
      loop->call(*still->second, [&](Session& s, Outbox& out) { s.on_closed(id, reason, loop->clock_.now(), out); });
    });
    return id;
  }
}

Opened LoopOutbox::listen(const Endpoint& at) {
  try {
    auto listener = loop_.network_.listen(at);
    const Endpoint local = listener->local();
    const ListenerId id = ++loop_.last_handle_;
    loop_.network_.watch(*listener, loop_token::of(loop_token::listener, id));
    loop_.listeners_.emplace(id, std::make_unique<LoopListener>(LoopListener{&owner_, std::move(listener)}));
    owner_.listeners.push_back(id);
    return {id, local, {}};
  } catch (const Error& error) {
    return {0, {}, error.what()};
  }
}

void LoopOutbox::write(StreamId id, std::span<const std::byte> data) {
  LoopStream* const stream = own_stream(id);
  if (stream && !data.empty()) loop_.queue(id, *stream, data);
}

void LoopOutbox::close_stream(StreamId id) {
  if (own_stream(id)) loop_.let_go(id);
}

void LoopOutbox::close_listener(ListenerId id) {
  if (find_own(loop_.listeners_, id, owner_)) loop_.close_listener(id);
}

std::unique_ptr<Stream> LoopOutbox::release(StreamId id) {
  LoopStream* const stream = own_stream(id);
  if (!stream || !stream->announced || !stream->queue.empty()) return nullptr;
  loop_.network_.unwatch(*stream->stream);
  auto released = std::move(stream->stream);
  std::erase(owner_.streams, id);
  stream->owner = nullptr;
  // Its shell may be walked through right now; the released stream itself is nobody's here any more.
  loop_.old_streams_.push_back(std::move(loop_.streams_.at(id)));
  loop_.streams_.erase(id);
  return released;
}

void LoopOutbox::start(SessionPtr session, StreamId id) {
  LoopSession& entry = loop_.take_in(std::move(session));
  if (LoopStream* const stream = own_stream(id)) {
    std::erase(owner_.streams, id);
    stream->owner = &entry;
    entry.streams.push_back(id);
  }
  loop_.after_.push_back([loop = &loop_, started = entry.id] {
    const auto still = loop->sessions_.find(started);
    if (still != loop->sessions_.end()) loop->begin(*still->second);
  });
}

}  // namespace sonde
