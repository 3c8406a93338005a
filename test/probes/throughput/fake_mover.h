#pragma once

#include <algorithm>
#include <map>
#include <memory>

#include "probes/throughput/mover.h"

namespace sonde::test {

/// The data of a simulated world: it does not flow, it is rate times time. One for both ends of a test, so that what
/// one end sent is what the other received.
struct FakeData {
  double rate_bps = 1e9;  ///< of each stream
  std::uint64_t movers = 0;
  struct Stream {
    std::uint64_t octets = 0;  ///< moved so far
    SteadyTime first{}, last{};
    bool ended = false;
  };
  std::map<std::pair<Endpoint, Endpoint>, Stream> streams;  ///< by the sender's and the receiver's end
};

/// What one end of a simulated test has instead of threads.
class FakeMover final : public throughput::Mover {
 public:
  FakeMover(throughput::Plan plan, const Clock& clock, std::shared_ptr<FakeData> data)
      : plan_(std::move(plan)), clock_(clock), data_(std::move(data)) {
    ++data_->movers;
  }
  ~FakeMover() override { --data_->movers; }

  void take(std::unique_ptr<Stream> stream) override { streams_.push_back(std::move(stream)); }
  void open_udp(throughput::End) override {}
  Opening opening() override { return {true, {}}; }
  void start() override { begun_ = clock_.steady_now(); }
  void limit_to(std::uint64_t octets) override {
    advance();
    limit_ = sent() + octets;
  }
  void stop_sending() override {
    advance();
    stopped_ = true;
  }
  void finish_receiving() override { finishing_ = true; }
  std::string copy_mode() const override { return "simulated"; }
  std::string congestion() const override { return "simulated"; }
  CpuTime cpu_time() const override { return {}; }

  std::vector<throughput::Moved> read() override {
    advance();
    std::vector<throughput::Moved> all(plan_.flows.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const FakeData::Stream& stream = of(i);
      all[i].octets = stream.octets;
      all[i].packets = plan_.udp ? stream.octets / plan_.block_octets : 0;
      all[i].ended = plan_.flows[i].role == throughput::Role::send ? stopped_ || all_sent() : finishing_;
      if (stream.octets == 0) continue;
      all[i].first = begun_;
      all[i].last = begun_ + (stream.last - stream.first);
    }
    return all;
  }

 private:
  FakeData::Stream& of(std::size_t i) {
    // UDP has no connection to know it by; its place among the streams does as well.
    const auto place = static_cast<std::uint16_t>(i);
    const Endpoint mine = i < streams_.size() ? streams_[i]->local() : Endpoint{{}, place};
    const Endpoint theirs = i < streams_.size() ? streams_[i]->peer() : Endpoint{{}, place};
    return plan_.flows[i].role == throughput::Role::send ? data_->streams[{mine, theirs}]
                                                         : data_->streams[{theirs, mine}];
  }
  std::uint64_t sent() {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < plan_.flows.size(); ++i)
      if (plan_.flows[i].role == throughput::Role::send) sum += of(i).octets;
    return sum;
  }
  bool all_sent() { return limit_ != 0 && sent() >= limit_; }

  void advance() {
    if (begun_ == SteadyTime{} || stopped_) return;
    const SteadyTime now = clock_.steady_now();
    const double rate =
        plan_.rate_bps != 0 ? std::min(data_->rate_bps, static_cast<double>(plan_.rate_bps)) : data_->rate_bps;
    for (std::size_t i = 0; i < plan_.flows.size() && !all_sent(); ++i) {
      if (plan_.flows[i].role != throughput::Role::send) continue;
      FakeData::Stream& stream = of(i);
      const auto goal = static_cast<std::uint64_t>(rate / 8 * to_seconds(now - begun_));
      const std::uint64_t before = sent() - stream.octets;
      stream.octets = limit_ != 0 ? std::min(goal, limit_ - before) : goal;
      stream.first = begun_;
      stream.last = now;
    }
  }

  const throughput::Plan plan_;
  const Clock& clock_;
  const std::shared_ptr<FakeData> data_;
  std::vector<std::unique_ptr<Stream>> streams_;
  SteadyTime begun_{};
  std::uint64_t limit_ = 0;
  bool stopped_ = false, finishing_ = false;
};

inline throughput::MakeMover fake_movers(std::shared_ptr<FakeData> data) {
  return [data = std::move(data)](const throughput::Plan& plan, const Clock& clock) {
    return std::make_unique<FakeMover>(plan, clock, data);
  };
}

}  // namespace sonde::test
