#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace sonde {

/// Browser sessions, in memory: a restart ends them. Only a hash of each id is kept. Safe to call from any thread.
class Sessions {
 public:
  static constexpr Duration kIdle = std::chrono::hours(12), kLongest = std::chrono::hours(24 * 7);

  explicit Sessions(const Clock& clock) : clock_(clock) {}

  struct Begun {
    std::string id;    ///< for the cookie: 128 bits in hexadecimal; shown this once
    std::string csrf;  ///< 128 bits; sent back in a header with each change
    Duration left{};
  };
  Begun begin(const std::string& user);

  struct Session {
    std::string user, csrf;
    Duration left{};  ///< until it ends if it is not used
  };
  /// Counts as use. Empty when there is no such session (any more).
  std::optional<Session> find(std::string_view id);
  bool lives(std::string_view id) const;
  void end(std::string_view id);
  void end_all_of(const std::string& user);
  std::size_t size() const;

 private:
  struct Entry {
    std::string user, csrf;
    SteadyTime begun{}, used{};
  };
  Duration left(const Entry& entry, SteadyTime now) const;
  void make_room(const std::string& user, SteadyTime now);
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;  ///< by hash of the id
};

}  // namespace sonde
