#include "appliance/peer_check.h"

#include <algorithm>

#include "core/base/error.h"
#include "probes/ping/wire.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 4s;
constexpr std::size_t kPayload = 56;

struct Service {
  const char* name;
  const char* title;
  std::uint16_t port;
  bool greets;  ///< the server speaks first: an open port alone is no answer
};
constexpr Service kServices[] = {
    {"owamp", "OWAMP", 861, true}, {"twamp", "TWAMP", 862, true}, {"throughput", "iperf3", 5201, false}};

class PeerCheckSession final : public Session {
 public:
  PeerCheckSession(const IpAddress& target, int port_offset, std::uint64_t cookie,
                   std::function<void(std::vector<Answer>)> done)
      : target_(target), port_offset_(port_offset), cookie_(cookie), done_(std::move(done)) {}

  void on_start(Now now, Outbox& out) override {
    begin_ = now.steady;
    answers_.push_back({.service = "ping"});
    for (const Service& service : kServices) {
      answers_.push_back({.service = service.name});
      streams_.push_back(out.connect({target_, port(service)}, IpAddress::any(target_.family())));
    }
    settled_.assign(answers_.size(), false);
    ping(now, out);
  }

  SteadyTime next_deadline() const override { return begin_ + kPatience; }
  void on_deadline(Now, Outbox& out) override { conclude(out); }
  void on_stop(Now, Outbox& out) override { conclude(out); }

  void on_datagram(SocketId, const Datagram& datagram, Now now, Outbox& out) override {
    if (datagram.error != 0) {
      settle(0, false, "Ping does not get through: " + errno_text(datagram.error) + ". Check the route to it.", now,
             out);
      return;
    }
    const auto echo = ping::decode_reply(target_.family(), datagram.payload);
    if (echo && echo->cookie == cookie_) settle(0, true, "Answers ping.", now, out);
  }

  void on_connected(StreamId stream, const Endpoint&, Now now, Outbox& out) override {
    const std::size_t i = service_of(stream);
    if (i < std::size(kServices) && !kServices[i].greets)
      settle(i + 1, true, "Port " + number(i) + " is open (whether an iperf3 server answers shows in the first test).",
             now, out);
    else
      connected_.push_back(stream);
  }

  void on_bytes(StreamId stream, std::span<const std::byte>, Now now, Outbox& out) override {
    const std::size_t i = service_of(stream);
    if (i < std::size(kServices))
      settle(i + 1, true, std::string(kServices[i].title) + " answers on port " + number(i) + ".", now, out);
  }

  void on_closed(StreamId stream, std::string_view reason, Now now, Outbox& out) override {
    const std::size_t i = service_of(stream);
    if (i >= std::size(kServices)) return;
    const bool spoke = std::ranges::find(connected_, stream) != connected_.end();
    settle(
        i + 1, false,
        spoke
            ? "Port " + number(i) +
                  " takes the connection and closes it without a greeting: the service there does not accept this node."
            : "TCP port " + number(i) + " does not open: " + std::string(reason) +
                  ". The service is not running there, or its firewall refuses connections from here.",
        now, out);
  }

 private:
  std::uint16_t port(const Service& service) const { return static_cast<std::uint16_t>(service.port + port_offset_); }
  std::string number(std::size_t i) const { return std::to_string(port(kServices[i])); }
  std::size_t service_of(StreamId stream) const {
    return static_cast<std::size_t>(std::ranges::find(streams_, stream) - streams_.begin());
  }

  void ping(Now now, Outbox& out) {
    const Opened opened = out.open_icmp({.local = {IpAddress::any(target_.family()), 0}, .receive_buffer = 65536});
    if (!opened) return settle(0, false, "This node cannot send ping: " + opened.error + ".", now, out);
    const Bytes request =
        ping::encode_request(target_.family(), {out.echo_identifier(opened.id), cookie_, 0}, kPayload);
    if (const int error = out.send(opened.id, {target_, 0}, request); error != 0)
      settle(0, false, "Ping cannot be sent: " + errno_text(error) + ". Check this node's route to it.", now, out);
  }

  void settle(std::size_t i, bool answers, std::string sentence, Now now, Outbox& out) {
    if (settled_[i]) return;
    settled_[i] = true;
    answers_[i].answers = answers;
    answers_[i].sentence = std::move(sentence);
    if (answers) answers_[i].round_trip = now.steady - begin_;
    if (std::ranges::find(settled_, false) == settled_.end()) conclude(out);
  }

  void conclude(Outbox& out) {
    if (!done_) return;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      if (settled_[i]) continue;
      const bool open = i > 0 && std::ranges::find(connected_, streams_[i - 1]) != connected_.end();
      answers_[i].sentence =
          i == 0 ? "No answer to ping in 4 s: it is down, or a firewall drops ICMP echo on the way there or back."
          : open
              ? "Port " + number(i - 1) + " is open but nothing greets us within 4 s: another service may listen there."
              : "No answer from TCP port " + number(i - 1) +
                    " in 4 s: a firewall there or on the way drops what we send.";
    }
    std::exchange(done_, nullptr)(std::move(answers_));
    out.finish();
  }

  IpAddress target_;
  int port_offset_;
  std::uint64_t cookie_;
  std::function<void(std::vector<Answer>)> done_;
  SteadyTime begin_{};
  std::vector<Answer> answers_;
  std::vector<bool> settled_;
  std::vector<StreamId> streams_, connected_;
};

}  // namespace

SessionPtr make_peer_check(const IpAddress& target, int port_offset, std::uint64_t cookie,
                           std::function<void(std::vector<Answer>)> done) {
  return std::make_unique<PeerCheckSession>(target, port_offset, cookie, std::move(done));
}

}  // namespace sonde
