#pragma once

#include <atomic>
#include <thread>

namespace sonde {

/// Feeds the hardware's watchdog while the node answers; ends a node that does not, and lets the watchdog restart the
/// machine when that does not help. A thread of its own, so that nothing the root helper waits for delays it.
class HostWatch {
 public:
  /// `device` is fed from now on; while there is none it is looked for.
  explicit HostWatch(const char* device = "/dev/watchdog");
  ~HostWatch();
  HostWatch(const HostWatch&) = delete;
  HostWatch& operator=(const HostWatch&) = delete;
  bool node_answers() const { return answers_; }
  bool has_watchdog() const { return watchdog_ >= 0; }

  /// Silence is expected while it lives.
  struct Quiet {
    explicit Quiet(HostWatch& of) : watch(of) { watch.expect_silence(true); }
    ~Quiet() { watch.expect_silence(false); }
    Quiet(const Quiet&) = delete;
    HostWatch& watch;
  };

 private:
  /// The node is ended on purpose and may be silent (moving data, upgrade).
  void expect_silence(bool yes) { silence_ = yes; }
  void open();
  void feed();
  void run(std::stop_token stop);
  const char* const device_;
  std::atomic<int> watchdog_ = -1;
  std::atomic<bool> answers_ = false, silence_ = false;
  std::jthread thread_;
};

}  // namespace sonde
