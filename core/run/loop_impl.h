#pragma once

#include <array>
#include <deque>
#include <mutex>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/run/packet_loop.h"
#include "core/run/slip.h"

// Private to packet_loop.cpp, loop_events.cpp and loop_outbox.cpp.
namespace sonde {

struct LoopSession {
  std::uint64_t id = 0;
  SessionPtr session;
  SteadyTime deadline = kNever;
  bool started = false, stopped = false, finished = false;
  std::vector<SocketId> sockets;
  std::vector<StreamId> streams;
  std::vector<ListenerId> listeners;
};

struct LoopSocket {
  LoopSession* owner = nullptr;  // null once closed: then it only waits for the end of the call that closed it
  std::unique_ptr<PacketSocket> socket;
  bool stamped = false;
};

struct LoopStream {
  LoopSession* owner = nullptr;  // null while it lingers: its session let go of it, what is queued still leaves
  std::unique_ptr<Stream> stream;
  bool announced = false;  // the session knows that it is open
  bool watches_write = false;
  SteadyTime deadline = kNever;  // of connecting or lingering
  Bytes queue;
  std::size_t sent = 0;  // of queue
};

struct LoopListener {
  LoopSession* owner = nullptr;
  std::unique_ptr<Listener> listener;
};

class PacketLoop::Impl {
 public:
  Impl(const Clock& clock, Network& network, Log log, PacketLoopOptions options);
  ~Impl();

  bool post(std::function<void()> task);
  std::uint64_t start(SessionPtr session);
  void stop(std::uint64_t session);
  void turn(SteadyTime until);
  SteadyTime next_deadline() const;
  void run(std::stop_token stop);
  LoopHealth health() const;
  PacketLoopOptions options_;

 private:
  friend class LoopOutbox;

  // packet_loop.cpp: sessions and their deadlines
  LoopSession& take_in(SessionPtr session);
  void begin(LoopSession& entry);
  template <typename Call>
  void call(LoopSession& entry, Call&& what);
  void plan(LoopSession& entry);
  void retire(LoopSession& entry);
  void serve_deadlines(bool only_paced);
  bool few() const;
  void gather(SteadyTime until);
  void find_clock_step();
  void run_posted();
  void settle();
  SteadyTime wake_time() const;
  void approach();
  void finish_all();

  // loop_events.cpp: what became ready
  void serve(const Ready& ready);
  void serve_socket(SocketId id);
  void deliver_stamps(SocketId id);
  void serve_listener(ListenerId id);
  void serve_stream(StreamId id);
  bool open_now(StreamId id, LoopStream& stream);
  void read_stream(StreamId id);
  void flush(StreamId id, LoopStream& stream);
  void expire_streams();

  // loop_outbox.cpp: what sessions open and close
  SocketId keep(LoopSession& owner, std::unique_ptr<PacketSocket> socket, bool stamped);
  StreamId keep(LoopSession& owner, std::unique_ptr<Stream> stream);
  void set_deadline(StreamId id, LoopStream& stream, SteadyTime deadline);
  void watch(StreamId id, LoopStream& stream);
  void queue(StreamId id, LoopStream& stream, std::span<const std::byte> data);
  void let_go(StreamId id);
  void close_socket(SocketId id);
  void close_listener(ListenerId id);
  void end_stream(StreamId id, std::string reason);

  const Clock& clock_;
  Network& network_;
  Log log_;
  Anchor anchor_;
  std::unordered_map<std::uint64_t, std::unique_ptr<LoopSession>> sessions_;
  std::unordered_map<SocketId, std::unique_ptr<LoopSocket>> sockets_;
  std::unordered_map<StreamId, std::unique_ptr<LoopStream>> streams_;
  std::unordered_map<ListenerId, std::unique_ptr<LoopListener>> listeners_;
  std::set<std::pair<SteadyTime, std::uint64_t>> deadlines_;  // of sessions
  std::set<std::pair<SteadyTime, StreamId>> stream_deadlines_;
  std::uint64_t last_session_ = 0;
  std::uint32_t last_handle_ = 0;
  // What sessions set off during a call happens after it: no session is ever called from within a call.
  std::deque<std::function<void()>> after_;
  std::vector<SocketId> stamped_;
  // What was closed during a call lives until nobody walks through it any more.
  std::vector<std::unique_ptr<LoopSession>> old_sessions_;
  std::vector<std::unique_ptr<LoopSocket>> old_sockets_;
  std::vector<std::unique_ptr<LoopStream>> old_streams_;
  std::vector<std::unique_ptr<LoopListener>> old_listeners_;
  bool in_call_ = false;
  SteadyTime last_deadline_{};  // when one was served

  Slip slip_;
  std::atomic<std::uint64_t> session_count_{0};
  mutable std::mutex mutex_;
  std::vector<std::function<void()>> posted_;  // guarded by mutex_
};

/// The hands of one session during one call.
class LoopOutbox final : public Outbox {
 public:
  LoopOutbox(PacketLoop::Impl& loop, LoopSession& owner) : loop_(loop), owner_(owner) {}
  Opened open_udp(const PacketOptions& options) override;
  Opened open_icmp(const PacketOptions& options) override;
  int send(SocketId socket, const Endpoint& to, std::span<const std::byte> payload) override;
  int send_within(SocketId socket, const Endpoint& to, std::span<const std::byte> payload, int hop_limit) override;
  int reply(SocketId socket, const Datagram& received, std::span<const std::byte> payload) override;
  int keep_to(SocketId socket, const Endpoint& peer) override;
  std::uint64_t dropped_here(SocketId socket) override;
  std::uint16_t echo_identifier(SocketId socket) override;
  void close_socket(SocketId socket) override;
  StreamId connect(const Endpoint& to, const IpAddress& from, const StreamOptions& options) override;
  Opened listen(const Endpoint& at) override;
  void write(StreamId stream, std::span<const std::byte> data) override;
  void close_stream(StreamId stream) override;
  void close_listener(ListenerId listener) override;
  std::unique_ptr<Stream> release(StreamId stream) override;
  void start(SessionPtr session, StreamId stream) override;
  void finish() override { owner_.finished = true; }

 private:
  int send(SocketId id, const Outgoing& packet);
  LoopSocket* own_socket(SocketId id);
  LoopStream* own_stream(StreamId id);
  PacketLoop::Impl& loop_;
  LoopSession& owner_;
};

namespace loop_token {
enum Kind : std::uint64_t { socket = 1, stream = 2, listener = 3 };
inline std::uint64_t of(Kind kind, std::uint32_t id) { return kind << 32 | id; }
}  // namespace loop_token

template <typename Call>
void PacketLoop::Impl::call(LoopSession& entry, Call&& what) {
  if (entry.finished) return;
  LoopOutbox hands(*this, entry);
  in_call_ = true;
  try {
    what(*entry.session, hands);
    if (!entry.finished) plan(entry);
  } catch (const std::exception& error) {
    log_.error("session ended by an error", {{"session", std::to_string(entry.id)}, {"reason", error.what()}});
    entry.finished = true;
  }
  in_call_ = false;
  if (entry.finished) retire(entry);
}

}  // namespace sonde
