#pragma once

#include <atomic>
#include <thread>

namespace sonde {

/// Feeds the hardware's watchdog while the node answers; ends a node that does not, and lets the watchdog restart the
/// machine when that does not help. A thread of its own, so that nothing the root helper waits for delays it.
class HostWatch {
 public:
  /// `device` is fed from now on; none = there is no watchdog.
  explicit HostWatch(const char* device = "/dev/watchdog");
  ~HostWatch();
  HostWatch(const HostWatch&) = delete;
  HostWatch& operator=(const HostWatch&) = delete;
  bool node_answers() const { return answers_; }
  /// The node is ended on purpose and may be silent (moving data, upgrade).
  void expect_silence(bool yes) { silence_ = yes; }
  bool has_watchdog() const { return watchdog_ >= 0; }

 private:
  void run(std::stop_token stop);
  int watchdog_ = -1;
  std::atomic<bool> answers_ = false, silence_ = false;
  std::jthread thread_;
};

}  // namespace sonde
