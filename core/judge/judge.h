#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/archive/archive.h"
#include "core/base/clock.h"
#include "core/config/config.h"
#include "core/judge/samples.h"
#include "core/statistics/baseline.h"

namespace sonde {

/// good .. bad: against the path's own last 28 days. watch = the newest Result is beyond what is normal, not yet three
/// of them; learning = too few to judge; unknown = no data.
enum class PathState : std::uint8_t { good, learning, unknown, watch, bad };
std::string_view to_string(PathState state);

/// One direction of a test, judged. A plain value.
struct Judged {
  PathState state = PathState::unknown;
  std::optional<UtcTime> since;  ///< of watch and bad: begin of the first Result beyond what is normal
  Judgement delay, loss;
  NormalHour normal_delay, normal_loss;
  std::uint64_t baseline_results = 0;
  bool built = false;              ///< false: its past has not been looked at yet since the start
  std::optional<UtcTime> updated;  ///< end of the newest Result that reached the network
  std::optional<Statistic> newest_delay, newest_loss;
  Counts newest_counts;
  IpAddress local_address, remote_address;
  bool same_clock = false, clock_known = false;
  OwnHealth health;
  std::shared_ptr<const Smoke> sparkline;  ///< the last six hours in steps of 5 min; null = none yet
};

/// Keeps what is normal for each direction of each test, and judges every new Result by it. What takes long, reading
/// the past, is done by one thread of its own that rests nine times as
/// long as it worked, after a start twice as long. Safe to call from any thread.
class Judge {
 public:
  struct Key {
    std::string test;
    std::uint32_t revision = 1;
    Direction direction = Direction::none;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  /// `archive` and `clock` outlive it.
  Judge(const Archive& archive, const Clock& clock);
  ~Judge();

  /// The tests to keep an eye on; forgets others. `latest`, by test id, stands in for Results from before the start.
  /// Cheap when nothing changed.
  void follow(const std::shared_ptr<const Config>& config,
              const std::map<std::string, std::shared_ptr<const Result>>& latest);
  /// From the archive's thread: returns at once.
  void take(const Result& result);
  std::optional<Judged> find(const Key& key) const;
  /// All directions of a test's present revision that have had a Result.
  std::vector<std::pair<Direction, Judged>> of_test(const TestSpec& spec) const;
  /// Newest Results of the test by itself, judged or not, so that a test that only fails is "bad" too.
  PathState state_of_test(const TestSpec& spec) const;

  /// Begins the thread; without it, work() does what is due. For tests.
  void start();
  /// Ends the thread; the archive may go then.
  void stop();
  /// Reads the past of the one that needs it most; false = nothing is due.
  bool work();

 private:
  struct Entry;
  struct Followed {
    std::uint32_t revision = 1;
    Duration step{};      ///< of a continuous test, else zero
    Duration patience{};  ///< a Result older than this means that none comes any more
  };
  void take_locked(const Result& result);
  void take_direction(const Result& result, Direction direction, const Followed& followed);
  void run(std::stop_token stop);
  std::optional<Key> due(bool& baseline, bool& first) const;
  void build(const Key& key, Duration step);
  void refresh_sparkline(const Key& key);
  void judge_newest(Entry& entry);
  void find_since(Entry& entry, const std::vector<BaselineSample>& day);
  Judged judged(const Entry& entry, UtcTime now) const;

  const Archive& archive_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any never_;              // only its stop token wakes the thread
  std::shared_ptr<const Config> config_;           // guarded by mutex_
  std::map<std::string, Followed> followed_;       // guarded by mutex_: by test id
  std::map<Key, std::unique_ptr<Entry>> entries_;  // guarded by mutex_
  bool learning_ = false;                          // of the thread that works: some past has not been read yet
  std::jthread thread_;
};

}  // namespace sonde
