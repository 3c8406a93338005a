#pragma once

#include <atomic>
#include <climits>
#include <memory>
#include <mutex>
#include <thread>

#include "core/net/linux_socket.h"
#include "probes/throughput/mover.h"

// Private to the files of the real mover: lanes are its threads.
namespace sonde::throughput {

/// What the owner tells all lanes of a mover, and what they share.
struct Orders {
  std::atomic<bool> stop_sending{false}, finish_receiving{false}, abort{false};
  std::atomic<std::int64_t> to_come{INT64_MAX};  ///< octets that may still be sent

  /// Takes up to `wanted` of what may still be sent; 0 = all is sent.
  std::int64_t claim(std::int64_t wanted);
};

/// Written by the lane's thread, read by the owner's.
struct Counters {
  std::atomic<std::uint64_t> octets{0}, packets{0}, out_of_order{0}, duplicates{0}, dropped_here{0};
  std::atomic<std::int64_t> lost{0};
  std::atomic<double> jitter_seconds{0};
  std::atomic<Duration::rep> first{0}, last{0};
  std::atomic<Duration::rep> user{0}, system{0};  ///< CPU time, once ended
  std::atomic<bool> ended{false};
};

/// One data stream and the thread that moves it.
class Lane {
 public:
  Lane(const Plan& plan, const Clock& clock, Orders& orders) : plan_(plan), clock_(clock), orders_(orders) {}
  virtual ~Lane() = default;
  void start();
  /// Once abort is ordered.
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  /// Wakes the thread from whatever call it waits in; the socket is of no use afterwards.
  virtual void kick() = 0;
  Moved read() const;
  virtual std::string how() const = 0;

  Counters counters;

 protected:
  virtual void run() = 0;
  virtual std::optional<TcpState> tcp() const { return std::nullopt; }
  void break_off(const std::string& trouble);
  bool stop_sending() const { return orders_.stop_sending || orders_.abort; }
  /// `ago`: how long before now they came or went.
  void count(std::uint64_t octets, std::uint64_t packets, Duration ago = {});

  const Plan& plan_;
  const Clock& clock_;
  Orders& orders_;

 private:
  mutable std::mutex mutex_;
  std::string trouble_;  // guarded by mutex_
  std::jthread thread_;
};

/// Absolute deadlines for what leaves. After a stall the schedule shifts by what was missed beyond `slack`: never a
/// burst.
class Pacer {
 public:
  Pacer(std::uint64_t rate_bps, Duration slack) : rate_bps_(rate_bps), slack_(slack) {}
  /// Until the next block is due; false when `lane` was told to end meanwhile.
  template <typename Ended>
  bool wait(Ended&& ended) {
    if (rate_bps_ == 0) return !ended();
    for (Duration now = steady(); now < due_; now = steady()) {
      if (ended()) return false;
      sleep_until(std::min(due_, now + kLongestSleep));
    }
    due_ = std::max(due_, steady() - slack_);
    return !ended();
  }
  void sent(std::uint64_t octets) {
    if (rate_bps_ != 0) due_ += Duration{static_cast<Duration::rep>(octets * 8e9 / static_cast<double>(rate_bps_))};
  }
  static Duration steady();
  static void sleep_until(Duration when);

 private:
  static constexpr Duration kLongestSleep = std::chrono::milliseconds{10};
  const std::uint64_t rate_bps_;
  const Duration slack_;
  Duration due_{};
};

/// `stream` was released from its loop; the lane owns it from now on. Throws Error where the kernel refuses the plan.
std::unique_ptr<Lane> make_tcp_lane(const Plan& plan, Role role, std::unique_ptr<Stream> stream, const Clock& clock,
                                    Orders& orders);
/// `socket` is connected.
std::unique_ptr<Lane> make_udp_lane(const Plan& plan, Role role, Descriptor socket, const Clock& clock, Orders& orders);

/// Opens the UDP streams of a plan one after the other, on a thread of its own: asks as the client, answers as the
/// server. Throws Error where the first socket cannot be had.
class UdpOpener {
 public:
  UdpOpener(const Plan& plan, End end, std::size_t streams);
  ~UdpOpener();
  Mover::Opening opening() const;
  /// Connected sockets in the order of opening; once ready, and only once.
  std::vector<Descriptor> take();

 private:
  Descriptor open_listener() const;
  void answer_one(bool last);
  void ask_one();
  void fail(const std::string& trouble);
  const Plan& plan_;
  const End end_;
  const std::size_t streams_;
  Descriptor listener_;
  std::atomic<bool> stop_{false}, ready_{false};
  mutable std::mutex mutex_;
  std::string trouble_;              // guarded by mutex_
  std::vector<Descriptor> sockets_;  // the thread's until ready_
  std::jthread thread_;
};

}  // namespace sonde::throughput
