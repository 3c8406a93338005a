#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "core/base/clock.h"

namespace sonde {

/// Due times and posted tasks on one thread: owns scheduler, slot, configuration and catalogue, without locks.
/// A task never blocks. post() from any thread; everything else from the loop's own.
class TaskLoop {
 public:
  explicit TaskLoop(const Clock& clock);
  ~TaskLoop();

  using TimerId = std::uint64_t;
  /// At most 65,536 wait; false = full.
  bool post(std::function<void()> task);
  TimerId at(SteadyTime due, std::function<void()> task);
  void cancel(TimerId timer);
  /// Called in the turn that finds that UTC jumped against steady time, with the step. Registered once, before run.
  void on_clock_step(std::function<void(Duration)> task);

  void turn();
  SteadyTime next_due() const;  ///< now or earlier when tasks are posted
  /// Until `stop` is requested. Turns at least once a second, so a clock step is found within that.
  void run(std::stop_token stop);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sonde
