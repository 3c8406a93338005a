#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "core/base/clock.h"

namespace sonde {

/// Slows guessing down without locking anybody out: after three failures each next try waits, up to 60 s for a source
/// and up to 10 s for an account; a source from which the account was used well does not wait for others' failures.
/// Tries that come too early are not looked at and do not count. Bounded. Safe to call from any thread.
class LoginDelay {
 public:
  explicit LoginDelay(const Clock& clock) : clock_(clock) {}
  /// Zero = go on.
  Duration wait(const std::string& account, const std::string& source) const;
  void failed(const std::string& account, const std::string& source);
  void succeeded(const std::string& account, const std::string& source);

 private:
  struct Failures {
    int count = 0;
    SteadyTime last{};
  };
  using Table = std::map<std::string, Failures>;
  Duration left(const Table& table, const std::string& key, Duration most) const;
  void count(Table& table, const std::string& key);
  const Clock& clock_;
  mutable std::mutex mutex_;
  Table accounts_, sources_;
  std::set<std::pair<std::string, std::string>> known_;  ///< account, source
};

}  // namespace sonde
