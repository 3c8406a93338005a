#pragma once

#include "test/probes/owamp/two_ends.h"
#include "test/support/scripted_session.h"

namespace sonde::test {

/// A client that says what a test tells it to, octet by octet, and keeps what comes back.
class RawClient {
 public:
  explicit RawClient(TwoEnds& ends) : ends_(ends), loop_(ends.client_loop) {
    auto session = std::make_unique<ScriptedSession>();
    session->start = [this](Now, Outbox& out) {
      stream_ = out.connect({*IpAddress::parse("10.0.0.2"), 861}, IpAddress::any(Family::v4));
      socket_ = out.open_udp({.local = {*IpAddress::parse("10.0.0.1"), 0}});
    };
    session->bytes = [this](StreamId, std::span<const std::byte> data, Now, Outbox&) {
      came.insert(came.end(), data.begin(), data.end());
    };
    session->closed = [this](StreamId, std::string, Now, Outbox&) { closed = true; };
    session->datagram = [this](SocketId, const Datagram& d, Now, Outbox&) {
      datagrams.push_back({d.from, owamp::decode_test_packet(d.payload)});
    };
    session->deadline = ends.client.clock().steady_now();
    session->deadline_passed = [this](Now now, Outbox& out) {
      for (const auto& task : std::exchange(tasks_, {})) task(out);
      script_->deadline = now.steady + 10ms;
    };
    script_ = session.get();
    session->destroyed = [this] { script_ = nullptr; };
    id_ = loop_.start(std::move(session));
    settle();
  }
  ~RawClient() {
    if (script_ == nullptr) return;
    script_->destroyed = {};
    loop_.stop(id_);
  }

  void settle(Duration length = 100ms) { ends_.world.run_for(length); }
  void send(const Bytes& data) {
    act([this, data](Outbox& out) { out.write(stream_, data); });
  }
  void send_packet(std::uint16_t port, std::uint32_t sequence, UtcTime sent) {
    Bytes packet(owamp::kTestHeader);
    encode(owamp::TestPacket{sequence, amp::to_ntp(sent), {0x8111}}, packet);
    act([this, packet, port](Outbox& out) { out.send(socket_.id, {*IpAddress::parse("10.0.0.2"), port}, packet); });
  }
  /// What came since the last call.
  Bytes take() { return std::exchange(came, {}); }
  /// Through the set-up, to where requests are taken.
  void set_up() {
    take();
    send(encode(amp::SetUpResponse{amp::kModeOpen}));
    const auto start = amp::decode_server_start(take());
    REQUIRE(start);
    REQUIRE(start->accept == amp::Accept::ok);
  }
  owamp::Request request(bool server_sends, std::uint32_t packets = 10) const {
    owamp::Request request;
    (server_sends ? request.server_sends : request.server_receives) = true;
    request.packets = packets;
    (server_sends ? request.receiver_port : request.sender_port) = socket_.local.port;
    request.sender = *IpAddress::parse(server_sends ? "10.0.0.2" : "10.0.0.1");
    request.receiver = *IpAddress::parse(server_sends ? "10.0.0.1" : "10.0.0.2");
    request.start = amp::to_ntp(ends_.world.now() + 1s);
    request.timeout = amp::to_ntp_length(1s);
    request.slots = {{owamp::Slot::Kind::fixed, amp::to_ntp_length(100ms)}};
    if (server_sends) request.sid[0] = std::byte{0x42};
    return request;
  }
  owamp::AcceptSession ask(const owamp::Request& request) {
    take();
    send(encode(request));
    const auto answer = owamp::decode_accept_session(take());
    REQUIRE(answer);
    return *answer;
  }
  void start() {
    take();
    send(owamp::encode_start_sessions());
    REQUIRE(owamp::decode_start_ack(take()) == amp::Accept::ok);
  }

  struct Came {
    Endpoint from;
    std::optional<owamp::TestPacket> packet;
  };
  Bytes came;
  bool closed = false;
  std::vector<Came> datagrams;

 private:
  void act(std::function<void(Outbox&)> task) {
    REQUIRE(script_ != nullptr);
    tasks_.push_back(std::move(task));
    settle();
  }
  TwoEnds& ends_;
  PacketLoop& loop_;
  ScriptedSession* script_ = nullptr;
  std::uint64_t id_ = 0;
  StreamId stream_ = 0;
  Opened socket_;
  std::vector<std::function<void(Outbox&)>> tasks_;
};

}  // namespace sonde::test
