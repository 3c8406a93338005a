#pragma once

#include <functional>
#include <string>
#include <utility>

#include "core/run/session.h"

namespace sonde::test {

/// A session made of what a test hands it; whatever is empty does nothing.
struct ScriptedSession final : Session {
  std::function<void(Now, Outbox&)> start, deadline_passed, stop;
  std::function<void(SocketId, const Datagram&, Now, Outbox&)> datagram;
  std::function<void(SocketId, const TransmitStamp&, Now, Outbox&)> transmit_stamp;
  std::function<void(StreamId, const Endpoint& peer, Now, Outbox&)> accepted;
  std::function<void(StreamId, Now, Outbox&)> connected;
  std::function<void(StreamId, std::span<const std::byte>, Now, Outbox&)> bytes;
  std::function<void(StreamId, std::string, Now, Outbox&)> closed;
  std::function<void(Duration, Now, Outbox&)> clock_step;
  std::function<void()> destroyed;
  SteadyTime deadline = kNever;
  bool is_paced = false;

  ~ScriptedSession() override {
    if (destroyed) destroyed();
  }
  void on_start(Now now, Outbox& out) override { call(start, now, out); }
  SteadyTime next_deadline() const override { return deadline; }
  /// Unless the script plans another, the deadline was the last.
  void on_deadline(Now now, Outbox& out) override {
    deadline = kNever;
    call(deadline_passed, now, out);
  }
  void on_datagram(SocketId id, const Datagram& d, Now now, Outbox& out) override { call(datagram, id, d, now, out); }
  void on_transmit_stamp(SocketId id, const TransmitStamp& s, Now now, Outbox& out) override {
    call(transmit_stamp, id, s, now, out);
  }
  void on_accepted(ListenerId, StreamId id, const Endpoint& peer, const Endpoint&, Now now, Outbox& out) override {
    call(accepted, id, peer, now, out);
  }
  void on_connected(StreamId id, const Endpoint&, Now now, Outbox& out) override { call(connected, id, now, out); }
  void on_bytes(StreamId id, std::span<const std::byte> data, Now now, Outbox& out) override {
    call(bytes, id, data, now, out);
  }
  void on_closed(StreamId id, std::string_view reason, Now now, Outbox& out) override {
    call(closed, id, std::string(reason), now, out);
  }
  void on_clock_step(Duration step, Now now, Outbox& out) override { call(clock_step, step, now, out); }
  void on_stop(Now now, Outbox& out) override {
    if (!stop) return out.finish();
    stop(now, out);
  }
  bool paced() const override { return is_paced; }

 private:
  template <typename Script, typename... Args>
  static void call(Script& script, Args&&... args) {
    if (script) script(std::forward<Args>(args)...);
  }
};

inline std::string text_of(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

}  // namespace sonde::test
