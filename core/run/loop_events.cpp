#include <cassert>

#include "core/run/loop_impl.h"

// What the network said is ready: datagrams, connections, bytes.
namespace sonde {
namespace {

// Per turn and handle; what is left is still ready at the next turn, so no peer keeps the others waiting.
constexpr int kReads = 16;
constexpr int kAccepts = 64;

}  // namespace

void PacketLoop::Impl::serve(const Ready& ready) {
  const auto id = static_cast<std::uint32_t>(ready.token);
  switch (ready.token >> 32) {
    case loop_token::socket:
      serve_socket(id);
      break;
    case loop_token::stream:
      serve_stream(id);
      break;
    case loop_token::listener:
      serve_listener(id);
      break;
    default:
      assert(false && "a token that this loop never gave");
  }
  settle();
}

/// One batch a turn.
void PacketLoop::Impl::serve_socket(SocketId id) {
  const auto found = sockets_.find(id);
  if (found == sockets_.end()) return;
  LoopSocket& socket = *found->second;
  for (const Datagram& datagram : socket.socket->receive()) {
    if (!socket.owner) return settle();
    call(*socket.owner, [&](Session& session, Outbox& out) { session.on_datagram(id, datagram, clock_.now(), out); });
  }
  if (socket.stamped && socket.owner) stamped_.push_back(id);
  serve_deadlines(true);
}

void PacketLoop::Impl::deliver_stamps(SocketId id) {
  const auto found = sockets_.find(id);
  if (found == sockets_.end()) return;
  LoopSocket& socket = *found->second;
  for (const TransmitStamp& stamp : socket.socket->transmit_stamps()) {
    if (!socket.owner) return;
    call(*socket.owner,
         [&](Session& session, Outbox& out) { session.on_transmit_stamp(id, stamp, clock_.now(), out); });
  }
}

void PacketLoop::Impl::serve_listener(ListenerId id) {
  for (int i = 0; i < kAccepts; ++i) {
    const auto found = listeners_.find(id);
    if (found == listeners_.end() || !found->second->owner->started) return;
    LoopSession& owner = *found->second->owner;
    auto stream = found->second->listener->accept();
    if (!stream) return;
    const Endpoint peer = stream->peer(), local = stream->local();
    const StreamId accepted = keep(owner, std::move(stream));
    streams_.at(accepted)->announced = true;
    watch(accepted, *streams_.at(accepted));
    call(owner,
         [&](Session& session, Outbox& out) { session.on_accepted(id, accepted, peer, local, clock_.now(), out); });
  }
}

/// True once the session may use the stream: it is open and was announced.
bool PacketLoop::Impl::open_now(StreamId id, LoopStream& stream) {
  if (stream.announced) return true;
  if (stream.stream->state() == Stream::State::connecting) return false;
  if (stream.stream->state() == Stream::State::closed) {
    end_stream(id, stream.stream->reason());
    return false;
  }
  stream.announced = true;
  if (!stream.owner) return true;
  set_deadline(id, stream, kNever);
  const Endpoint local = stream.stream->local();
  call(*stream.owner, [&](Session& session, Outbox& out) { session.on_connected(id, local, clock_.now(), out); });
  return true;
}

void PacketLoop::Impl::serve_stream(StreamId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  LoopStream& stream = *found->second;
  if (stream.owner && !stream.owner->started) return;
  if (!open_now(id, stream)) return;
  if (streams_.contains(id)) flush(id, stream);
  read_stream(id);
}

void PacketLoop::Impl::read_stream(StreamId id) {
  for (int i = 0; i < kReads; ++i) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    LoopStream& stream = *found->second;
    // Taken over by a session that has not started yet: what comes now is for it, later.
    if (stream.owner && !stream.owner->started) return;
    const auto data = stream.stream->read();
    if (data.empty()) {
      if (stream.stream->state() == Stream::State::closed) end_stream(id, stream.stream->reason());
      return;
    }
    if (!stream.owner) continue;
    call(*stream.owner, [&](Session& session, Outbox& out) { session.on_bytes(id, data, clock_.now(), out); });
  }
}

void PacketLoop::Impl::flush(StreamId id, LoopStream& stream) {
  while (stream.sent < stream.queue.size()) {
    const std::size_t taken = stream.stream->write(std::span(stream.queue).subspan(stream.sent));
    if (taken == 0) break;
    stream.sent += taken;
  }
  if (stream.sent == stream.queue.size()) {
    stream.queue.clear();
    stream.sent = 0;
  } else if (stream.sent > stream.queue.size() / 2) {
    stream.queue.erase(stream.queue.begin(), stream.queue.begin() + static_cast<std::ptrdiff_t>(stream.sent));
    stream.sent = 0;
  }
  if (!stream.owner && stream.queue.empty()) return end_stream(id, {});
  watch(id, stream);
}

void PacketLoop::Impl::expire_streams() {
  const SteadyTime now = clock_.steady_now();
  while (!stream_deadlines_.empty() && stream_deadlines_.begin()->first <= now) {
    end_stream(stream_deadlines_.begin()->second, "no answer within 10 s");
  }
  settle();
}

/// The stream is gone; its session, if it still has one, is told.
void PacketLoop::Impl::end_stream(StreamId id, std::string reason) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  LoopStream& stream = *found->second;
  set_deadline(id, stream, kNever);
  LoopSession* const owner = stream.owner;
  old_streams_.push_back(std::move(found->second));
  streams_.erase(found);
  if (!owner) return;
  std::erase(owner->streams, id);
  const auto tell = [this, id, reason = std::move(reason), session = owner->id] {
    const auto still = sessions_.find(session);
    if (still == sessions_.end()) return;
    call(*still->second, [&](Session& s, Outbox& out) { s.on_closed(id, reason, clock_.now(), out); });
  };
  after_.push_back(tell);
}

}  // namespace sonde
