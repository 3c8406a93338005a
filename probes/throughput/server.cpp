#include "probes/throughput/server.h"

#include <map>

#include "probes/throughput/hosted_test.h"

namespace sonde::throughput {

/// The one place where a test may run, and what is known of those who came.
class Floor {
 public:
  Guests guests;
  bool taken = false;
  std::uint64_t last_ask = 0;
};

std::shared_ptr<Floor> make_floor() { return std::make_shared<Floor>(); }

namespace {

using namespace std::chrono_literals;

constexpr Duration kListenAgain = 10s;
constexpr Duration kLeaveWithin = 1s;  // what is closed with octets unread takes our last word with it
constexpr Duration kSpeakWithin = 5s;  // from connecting to the last octet of the parameters

class Server final : public Session {
 public:
  Server(ServerOptions options, std::shared_ptr<Floor> floor)
      : options_(std::move(options)), floor_(std::move(floor)) {}
  ~Server() override { clear_floor(); }

  void on_start(Now now, Outbox& out) override { listen(now, out); }
  SteadyTime next_deadline() const override;
  void on_deadline(Now now, Outbox& out) override;
  void on_accepted(ListenerId, StreamId stream, const Endpoint& peer, const Endpoint& local, Now now,
                   Outbox& out) override;
  void on_bytes(StreamId stream, std::span<const std::byte> data, Now now, Outbox& out) override;
  void on_closed(StreamId stream, std::string_view reason, Now now, Outbox& out) override;
  void on_stop(Now now, Outbox& out) override;

 private:
  /// A connection that has not become a test or a part of one.
  struct Visitor {
    Endpoint peer, local;
    SteadyTime until{};
    ControlInput input;
    std::optional<Cookie> cookie;
    bool refused = false;  // has our word, and a moment to read it
  };
  void listen(Now now, Outbox& out);
  void take_cookie(StreamId stream, Visitor& visitor, Now now, Outbox& out);
  void take_parameters(StreamId stream, Visitor& visitor, Now now, Outbox& out);
  void host(StreamId stream, const Parameters& parameters, const Allowance& allowance, Now now, Outbox& out);
  void refuse(StreamId stream, const Refusal& refusal, Now now, Outbox& out);
  void show_out(StreamId stream, Outbox& out);
  void forget(StreamId stream);
  void tidy(Now now);
  void clear_floor();

  ServerOptions options_;
  const std::shared_ptr<Floor> floor_;
  std::map<StreamId, Visitor> visitors_;
  std::unique_ptr<HostedTest> test_;
  SteadyTime listen_again_ = kNever;
  bool told_ = false;
};

void Server::listen(Now now, Outbox& out) {
  const Opened opened = out.listen(options_.listen);
  listen_again_ = opened ? kNever : now.steady + kListenAgain;
  if (opened)
    options_.log.info("throughput server listens", {{"at", opened.local.text()}});
  else if (!told_)
    options_.log.error("throughput server cannot listen, and tries again every 10 s",
                       {{"at", options_.listen.text()}, {"why", opened.error}});
  told_ = !opened;
  options_.listening(opened);
}

SteadyTime Server::next_deadline() const {
  SteadyTime next = listen_again_;
  for (const auto& [stream, visitor] : visitors_) next = std::min(next, visitor.until);
  return test_ ? std::min(next, test_->next_deadline()) : next;
}

void Server::on_deadline(Now now, Outbox& out) {
  if (listen_again_ <= now.steady) listen(now, out);
  if (test_ && test_->next_deadline() <= now.steady) test_->on_deadline(now, out);
  tidy(now);
  std::vector<StreamId> silent;
  for (const auto& [stream, visitor] : visitors_)
    if (visitor.until <= now.steady) silent.push_back(stream);
  for (const StreamId stream : silent) show_out(stream, out);
}

void Server::on_accepted(ListenerId, StreamId stream, const Endpoint& peer, const Endpoint& local, Now now,
                         Outbox& out) {
  if (!floor_->guests.enter(peer.address)) return out.close_stream(stream);
  visitors_[stream] = {peer, local, now.steady + kSpeakWithin, {}, {}};
}

void Server::on_bytes(StreamId stream, std::span<const std::byte> data, Now now, Outbox& out) {
  if (test_ && test_->control() == stream) {
    test_->on_bytes(data, now, out);
    return tidy(now);
  }
  const auto found = visitors_.find(stream);
  if (found == visitors_.end()) return;
  Visitor& visitor = found->second;
  if (visitor.refused) return;
  visitor.input.add(data);
  if (!visitor.cookie) return take_cookie(stream, visitor, now, out);
  take_parameters(stream, visitor, now, out);
}

/// A data stream of the test that runs, or somebody who wants one.
void Server::take_cookie(StreamId stream, Visitor& visitor, Now now, Outbox& out) {
  const auto octets = visitor.input.take(kCookieOctets);
  if (!octets) return;
  Cookie cookie;
  std::ranges::copy(*octets, cookie.begin());
  if (test_ && test_->expects(visitor.peer.address, cookie)) {
    forget(stream);
    if (auto released = out.release(stream)) test_->take_stream(std::move(released), now, out);
    return tidy(now);
  }
  const Allowance allowance = options_.allowance(visitor.peer.address);
  if (!allowance.allowed) return refuse(stream, {std::nullopt, allowance.why}, now, out);
  if (floor_->taken) return refuse(stream, {std::nullopt, "another test runs"}, now, out);
  visitor.cookie = cookie;
  const std::byte octet = octet_of(State::parameters);
  out.write(stream, {&octet, 1});
  if (visitor.input.size() > 0) take_parameters(stream, visitor, now, out);
}

void Server::take_parameters(StreamId stream, Visitor& visitor, Now now, Outbox& out) {
  std::string json;
  const auto read = visitor.input.take_json(kMostParameterOctets, json);
  if (read == ControlInput::Json::partial) return;
  const auto parameters = read == ControlInput::Json::whole ? decode_parameters(json) : std::nullopt;
  if (!parameters) return refuse(stream, {Trouble::bad_parameters, "its parameters make no sense"}, now, out);
  const Allowance allowance = options_.allowance(visitor.peer.address);
  if (const auto refusal = floor_->guests.judge(visitor.peer.address, allowance, *parameters, now.steady))
    return refuse(stream, *refusal, now, out);
  if (floor_->taken) return refuse(stream, {std::nullopt, "another test runs"}, now, out);
  host(stream, *parameters, allowance, now, out);
}

void Server::host(StreamId stream, const Parameters& parameters, const Allowance& allowance, Now now, Outbox& out) {
  const Visitor visitor = std::move(visitors_.at(stream));
  forget(stream);
  floor_->taken = true;
  floor_->guests.begin(visitor.peer.address, now.steady);
  test_ = std::make_unique<HostedTest>(HostedTest::Guest{stream, visitor.peer, visitor.local, *visitor.cookie,
                                                         parameters, longest(parameters, allowance)},
                                       options_, ++floor_->last_ask);
  test_->start(now, out);
  tidy(now);
}

void Server::refuse(StreamId stream, const Refusal& refusal, Now now, Outbox& out) {
  options_.log.info("throughput test refused", {{"peer", visitors_.at(stream).peer.text()}, {"why", refusal.sentence}});
  const std::byte denied = octet_of(State::access_denied);
  if (refusal.trouble)
    out.write(stream, encode_server_error(*refusal.trouble));
  else
    out.write(stream, {&denied, 1});
  visitors_.at(stream).refused = true;
  visitors_.at(stream).until = now.steady + kLeaveWithin;
}

void Server::show_out(StreamId stream, Outbox& out) {
  forget(stream);
  out.close_stream(stream);
}

void Server::forget(StreamId stream) {
  const auto found = visitors_.find(stream);
  if (found == visitors_.end()) return;
  floor_->guests.leave(found->second.peer.address);
  visitors_.erase(found);
}

void Server::on_closed(StreamId stream, std::string_view reason, Now now, Outbox&) {
  forget(stream);
  if (test_ && test_->control() == stream) test_->on_closed(reason);
  tidy(now);
}

void Server::tidy(Now now) {
  if (!test_ || !test_->over()) return;
  floor_->guests.note_octets(test_->guest().peer.address, test_->octets(), now.steady);
  clear_floor();
}

void Server::clear_floor() {
  if (!test_) return;
  test_.reset();
  floor_->taken = false;
}

void Server::on_stop(Now now, Outbox& out) {
  if (test_) test_->on_stop(out);
  tidy(now);
  out.finish();
}

}  // namespace

SessionPtr make_server(ServerOptions options, std::shared_ptr<Floor> floor) {
  return std::make_unique<Server>(std::move(options), std::move(floor));
}

}  // namespace sonde::throughput
