#include "core/run/task_loop.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace sonde {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kMostPosted = 65'536;
constexpr Duration kLongestWait = 1s;

}  // namespace

class TaskLoop::Impl {
 public:
  using Task = std::function<void()>;
  explicit Impl(const Clock& clock) : clock_(clock), anchor_(clock.anchor()) {}

  bool post(Task task) {
    const std::lock_guard lock(mutex_);
    if (posted_.size() >= kMostPosted) return false;
    posted_.push_back(std::move(task));
    posted_something_.notify_one();
    return true;
  }

  TimerId at(SteadyTime due, Task task) {
    const TimerId id = ++last_timer_;
    timers_.emplace(std::pair(due, id), std::move(task));
    due_times_.emplace(id, due);
    return id;
  }

  void cancel(TimerId id) {
    const auto found = due_times_.find(id);
    if (found == due_times_.end()) return;
    timers_.erase({found->second, id});
    due_times_.erase(found);
  }

  void turn() {
    find_clock_step();
    run_posted();
    // Only what was due when the turn began: a timer that sets itself anew for now waits for the next turn.
    const SteadyTime now = clock_.steady_now();
    const TimerId newest = last_timer_;
    for (auto next = timers_.begin(); next != timers_.end() && next->first.first <= now;) {
      if (next->first.second > newest) {
        ++next;
        continue;
      }
      const Task task = std::move(next->second);
      due_times_.erase(next->first.second);
      timers_.erase(next);
      task();
      next = timers_.begin();
    }
  }

  SteadyTime next_due() const {
    const std::lock_guard lock(mutex_);
    if (!posted_.empty()) return SteadyTime::min();
    return timers_.empty() ? kNever : timers_.begin()->first.first;
  }

  void run(std::stop_token stop) {
    while (!stop.stop_requested()) {
      turn();
      const SteadyTime now = clock_.steady_now();
      const SteadyTime due = timers_.empty() ? kNever : timers_.begin()->first.first;
      const Duration pause = due <= now ? Duration{} : due - now < kLongestWait ? due - now : kLongestWait;
      std::unique_lock lock(mutex_);
      posted_something_.wait_for(lock, stop, pause, [this] { return !posted_.empty(); });
    }
  }

  std::function<void(Duration)> stepped_;

 private:
  void find_clock_step() {
    const Anchor fresh = clock_.anchor();
    if (fresh.epoch == anchor_.epoch) return;
    const Duration step = fresh.to_utc(fresh.steady) - anchor_.to_utc(fresh.steady);
    anchor_ = fresh;
    if (stepped_) stepped_(step);
  }

  void run_posted() {
    std::vector<Task> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(posted_);
    }
    for (const Task& task : tasks) task();
  }

  const Clock& clock_;
  Anchor anchor_;
  std::map<std::pair<SteadyTime, TimerId>, Task> timers_;
  std::unordered_map<TimerId, SteadyTime> due_times_;
  TimerId last_timer_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable_any posted_something_;
  std::vector<Task> posted_;  // guarded by mutex_
};

TaskLoop::TaskLoop(const Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}
TaskLoop::~TaskLoop() = default;
bool TaskLoop::post(std::function<void()> task) { return impl_->post(std::move(task)); }
TaskLoop::TimerId TaskLoop::at(SteadyTime due, std::function<void()> task) { return impl_->at(due, std::move(task)); }
void TaskLoop::cancel(TimerId timer) { impl_->cancel(timer); }
void TaskLoop::on_clock_step(std::function<void(Duration)> task) { impl_->stepped_ = std::move(task); }
void TaskLoop::turn() { impl_->turn(); }
SteadyTime TaskLoop::next_due() const { return impl_->next_due(); }
void TaskLoop::run(std::stop_token stop) { impl_->run(std::move(stop)); }

}  // namespace sonde
