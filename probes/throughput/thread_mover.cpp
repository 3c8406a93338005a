#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cassert>

#include "probes/throughput/lane.h"

namespace sonde::throughput {
namespace {

class ThreadMover final : public Mover {
 public:
  ThreadMover(const Plan& plan, const Clock& clock) : plan_(plan), clock_(clock) {}
  ~ThreadMover() override {
    orders_.abort = true;
    for (const auto& lane : lanes_) lane->kick();
    lanes_.clear();
  }

  void take(std::unique_ptr<Stream> stream) override {
    assert(lanes_.size() < plan_.flows.size());
    if (congestion_.empty()) congestion_of(stream->descriptor());
    lanes_.push_back(make_tcp_lane(plan_, plan_.flows[lanes_.size()].role, std::move(stream), clock_, orders_));
    if (!plan_.congestion.empty()) congestion_ = plan_.congestion;
  }

  void open_udp(End end) override { opener_ = std::make_unique<UdpOpener>(plan_, end, plan_.flows.size()); }

  Opening opening() override {
    if (!opener_) return {lanes_.size() == plan_.flows.size(), {}};
    Opening opening = opener_->opening();
    if (opening.ready && lanes_.empty())
      for (Descriptor& socket : opener_->take())
        lanes_.push_back(make_udp_lane(plan_, plan_.flows[lanes_.size()].role, std::move(socket), clock_, orders_));
    return opening;
  }

  void start() override {
    for (const auto& lane : lanes_) lane->start();
  }
  void limit_to(std::uint64_t octets_to_come) override {
    orders_.to_come = static_cast<std::int64_t>(std::min<std::uint64_t>(octets_to_come, INT64_MAX));
  }
  void stop_sending() override { orders_.stop_sending = true; }
  void finish_receiving() override { orders_.finish_receiving = true; }

  std::vector<Moved> read() override {
    std::vector<Moved> all;
    for (const auto& lane : lanes_) all.push_back(lane->read());
    all.resize(plan_.flows.size());
    return all;
  }

  std::string copy_mode() const override {
    std::string text;
    for (const Role role : {Role::send, Role::receive})
      for (std::size_t i = 0; i < lanes_.size(); ++i)
        if (plan_.flows[i].role == role) {
          text += (text.empty() ? "" : ", ") + lanes_[i]->how();
          break;
        }
    return text;
  }

  std::string congestion() const override { return congestion_; }

  CpuTime cpu_time() const override {
    CpuTime sum;
    for (const auto& lane : lanes_) {
      sum.user += Duration{lane->counters.user};
      sum.system += Duration{lane->counters.system};
    }
    return sum;
  }

 private:
  void congestion_of(int fd) {
    char name[16] = {};
    socklen_t length = sizeof name;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length) == 0) congestion_.assign(name, strnlen(name, 16));
  }

  const Plan plan_;
  const Clock& clock_;
  Orders orders_;
  std::string congestion_;
  std::unique_ptr<UdpOpener> opener_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace

std::unique_ptr<Mover> make_thread_mover(const Plan& plan, const Clock& clock) {
  return std::make_unique<ThreadMover>(plan, clock);
}

}  // namespace sonde::throughput
