#include "test/scenario/heavy_probe.h"

#include "core/base/bytes.h"

namespace sonde::test {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTestTime = 30s;
constexpr std::uint16_t kPort = 5201;

BusyTimes* told = nullptr;  // the one world of a scenario

std::span<const std::byte> octets(const std::string& text) { return std::as_bytes(std::span(text)); }

class Client final : public Session {
 public:
  Client(const RunOrder& order, ProbeContext& context) : order_(order), context_(context) {}
  void on_start(Now now, Outbox& out) override {
    stream_ = out.connect({order_.target, kPort}, IpAddress::any(order_.target.family()));
    deadline_ = now.steady + 5s;
  }
  SteadyTime next_deadline() const override { return deadline_; }
  void on_connected(StreamId stream, const Endpoint& local, Now, Outbox& out) override {
    here_ = local.address.text();
    out.write(stream, octets("test"));
  }
  void on_bytes(StreamId, std::span<const std::byte> data, Now now, Outbox& out) override {
    const std::string text(reinterpret_cast<const char*>(data.data()), data.size());
    if (text != "go") return end(Outcome::busy, order_.target.text() + " was busy: " + text, now, out);
    begin_ = now.utc;
    deadline_ = now.steady + kTestTime;
  }
  void on_deadline(Now now, Outbox& out) override {
    if (begin_ == UtcTime{}) return end(Outcome::failed, "The peer did not answer.", now, out);
    (*told)[here_].push_back({begin_, now.utc, "client"});
    end(Outcome::done, "", now, out);
  }
  void on_closed(StreamId, std::string_view reason, Now now, Outbox& out) override {
    end(Outcome::failed, std::string(reason), now, out);
  }

 private:
  void end(Outcome outcome, std::string sentence, Now now, Outbox& out) {
    Result result;
    result.begin = begin_ == UtcTime{} ? order_.planned : begin_;
    result.end = now.utc;
    result.outcome = outcome;
    result.sentence = std::move(sentence);
    context_.report(std::move(result));
    out.close_stream(stream_);
    out.finish();
  }
  RunOrder order_;
  ProbeContext& context_;
  StreamId stream_ = 0;
  SteadyTime deadline_ = kNever;
  std::string here_;
  UtcTime begin_{};
};

class Server final : public Session {
 public:
  Server(const IpAddress& here, SlotDoor& door) : here_(here), door_(door) {}
  void on_start(Now, Outbox& out) override { out.listen({here_, kPort}); }
  SteadyTime next_deadline() const override { return looks_again_; }
  void on_accepted(ListenerId, StreamId stream, const Endpoint& peer, const Endpoint&, Now, Outbox&) override {
    guests_[stream] = {peer.address, std::make_shared<Answer>(), ++asked_, {}};
  }
  void on_bytes(StreamId stream, std::span<const std::byte>, Now now, Outbox&) override {
    const Guest& guest = guests_.at(stream);
    door_.ask(guest.id, guest.source, kTestTime + SaturatingSlot::kGuestMargin, [answer = guest.answer](auto refused) {
      answer->known = true;
      answer->refused = std::move(refused);
    });
    looks_again_ = now.steady + 10ms;
  }
  void on_deadline(Now now, Outbox& out) override {
    looks_again_ = kNever;
    for (auto it = guests_.begin(); it != guests_.end();) {
      auto& [stream, guest] = *it++;
      if (guest.begin != UtcTime{}) continue;
      if (!guest.answer->known) {
        looks_again_ = now.steady + 10ms;
      } else if (!guest.answer->refused) {
        out.write(stream, octets("go"));
        guest.begin = now.utc;
      } else {
        out.write(stream, octets(*guest.answer->refused));
        out.close_stream(stream);
        guests_.erase(stream);
      }
    }
  }
  void on_closed(StreamId stream, std::string_view, Now now, Outbox&) override {
    const auto found = guests_.find(stream);
    if (found == guests_.end()) return;
    const Guest& guest = found->second;
    if (guest.begin != UtcTime{}) {
      (*told)[here_.text()].push_back({guest.begin, now.utc, "server"});
    }
    door_.release(guest.id, Outcome::done, "");
    guests_.erase(found);
  }

 private:
  struct Answer {
    bool known = false;
    std::optional<std::string> refused;
  };
  struct Guest {
    IpAddress source;
    std::shared_ptr<Answer> answer;
    std::uint64_t id = 0;
    UtcTime begin{};
  };
  const IpAddress here_;
  SlotDoor& door_;
  std::uint64_t asked_ = 0;
  std::map<StreamId, Guest> guests_;
  SteadyTime looks_again_ = kNever;
};

}  // namespace

const ProbeType& line_filler(BusyTimes& busy) {
  static const ProbeType type{
      .name = "filler",
      .title = "throughput",
      .summary = "Fills the path, as far as anybody can tell.",
      .footprint = Footprint::saturating,
      .needs_peer = true,
      .cost =
          [](const TestSpec& spec) { return Cost{.results_per_day = runs_per_day(spec.schedule), .slot_seconds = 35}; },
      .open = [](const RunOrder& order, ProbeContext& context) -> SessionPtr {
        return std::make_unique<Client>(order, context);
      }};
  told = &busy;
  return type;
}

SessionPtr make_line_filler_server(const IpAddress& here, SlotDoor& door, BusyTimes& busy) {
  told = &busy;
  return std::make_unique<Server>(here, door);
}

}  // namespace sonde::test
