#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace sonde {

/// One thread for what may block: names, files. Tasks run in order; at most `room` wait.
class Worker {
 public:
  explicit Worker(std::size_t room = 256);
  ~Worker();  ///< finishes the task at hand, drops the rest
  /// From any thread. False = full or stopping: the task will not run.
  bool post(std::function<void()> task);

 private:
  void run(std::stop_token stop);
  std::size_t room_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> tasks_;
  std::jthread thread_;  // last: starts when the rest is there
};

}  // namespace sonde
