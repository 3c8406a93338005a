#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/host/fitness.h"
#include "web/view.h"

namespace sonde {

/// Asks the live appliance's root helper to apply a row of the tuning table, by its key. Empty = done, else a sentence
/// why not. May block some seconds.
using MendRow = std::function<std::optional<std::string>(std::string_view row)>;

/// Looks at the host once a minute, and again after each mending, on a thread of its own: drivers may take their time.
/// newest() and mend() may be called from any thread.
class FitnessKeeper {
 public:
  struct Parts {
    std::function<HostFacts()> read;
    const Clock* clock = nullptr;
    Log log;
    MendRow mend;                           ///< empty: this host has no root helper
    std::function<void()> renewed = [] {};  ///< there is a new report; on the keeper's thread
    /// Runs it once the newest report is seen everywhere: an answer to mending goes this way.
    std::function<void(std::function<void()>)> after = [](const std::function<void()>& run) { run(); };
    Duration first = std::chrono::seconds(10);  ///< from the first look to the second
    Duration every = std::chrono::minutes(1);
  };
  explicit FitnessKeeper(Parts parts);
  ~FitnessKeeper();  ///< waits for the look or mending at hand; what waits is answered with 503

  std::shared_ptr<const FitnessReport> newest() const;  ///< null before the first look
  bool can_mend() const { return static_cast<bool>(parts_.mend); }
  /// Mends the finding with this key: 404 if there is none, 409 where no button mends it, or why it failed.
  std::future<std::optional<Problem>> mend(const std::string& key);

 private:
  void run(std::stop_token stop);
  void look();
  void take(HostFacts facts);
  std::optional<Problem> mend_now(const std::string& key);

  const Parts parts_;
  std::optional<HostFacts> before_;  ///< the keeper's thread only, as the next
  std::optional<CpuStretch> stretch_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::shared_ptr<const FitnessReport> newest_;  // guarded by mutex_
  std::deque<std::function<void()>> orders_;     // guarded by mutex_
  std::jthread thread_;                          // last: starts when the rest is there
};

/// Why a finding cannot be mended by a button here, and what to do instead.
std::string no_button_sentence(const Finding& finding);

}  // namespace sonde
