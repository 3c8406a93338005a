#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "core/archive/archive.h"
#include "core/base/random.h"
#include "core/config/config.h"

namespace sonde {

/// Knows the route of each test and tells runs that see another one from runs that see the same: a route is stored
/// once, as an event, and a Result keeps its own only where it shows something new. Safe to call from any thread.
class RouteKeeper {
 public:
  explicit RouteKeeper(Archive& archive) : archive_(archive) {}
  /// Reads the known routes of tests that are new here, and forgets those of tests that are gone.
  void follow(const Config& config);
  /// Before a Result is stored. `to`: the far end as people name it.
  void take(Result& result, const std::string& to, Random& random);

 private:
  struct Known {
    std::optional<TracedRoute> route;
    UtcTime seen{};  ///< last
  };
  Known read(const std::string& test) const;
  void tell(const Result& result, std::string kind, std::string sentence, RouteChange change, Random& random);

  Archive& archive_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;  ///< by test id; guarded by mutex_
};

/// "The route to X changed at hop 4: 192.0.2.9 → 192.0.2.13; 11 hops before, 12 hops now."
std::string route_change_sentence(const std::string& to, const TracedRoute& before, const TracedRoute& after);

}  // namespace sonde
