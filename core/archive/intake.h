#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/archive/archive.h"

namespace sonde {

/// What waits for the archive thread: a Result, an Event, or work that only that thread may do.
struct IntakeItem {
  std::shared_ptr<const Result> result;
  std::optional<Event> event;
  std::function<void()> work;
  std::size_t octets = 0;
};

/// About how much memory a Result holds.
std::size_t octets_of(const Result& result);

/// The queue from everyone -> archive thread. Bounded by octets; what does not fit is refused and counted.
/// Safe to call from any thread; take() from one.
class Intake {
 public:
  explicit Intake(std::size_t limit_octets) : limit_(limit_octets) {}

  /// Never waits. False = full.
  bool push(IntakeItem item);
  /// Work is never refused.
  void push_work(std::function<void()> work);
  /// Everything pushed before this call has been taken and `done` called for it, or `give_up` answers true.
  void wait_until_done(const std::function<bool()>& give_up);

  /// Waits at most `patience` for a first item, then up to `gather` for more, and takes at most `most` of them: either
  /// one piece of work alone or only Results and Events. Wakes early for stop().
  std::vector<IntakeItem> take(std::size_t most, std::chrono::milliseconds patience, std::chrono::milliseconds gather);
  /// The items of the last take() are dealt with.
  void done(std::size_t items, std::size_t octets);

  void stop();
  bool stopped() const;
  /// Waits, but not past stop().
  void pause(std::chrono::milliseconds time);

  /// Whether work was pushed that is not done.
  bool has_work() const;
  std::uint64_t queued() const;
  std::uint64_t overflowed() const;

 private:
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_, finished_;
  std::deque<IntakeItem> items_;
  std::size_t octets_ = 0;               ///< in items_ and in what take() handed out but is not done
  std::uint64_t pushed_ = 0, done_ = 0;  ///< items ever
  std::uint64_t overflowed_ = 0, works_ = 0;
  bool stopped_ = false;
};

}  // namespace sonde
