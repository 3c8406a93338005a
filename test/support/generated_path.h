#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/measurement/result.h"

namespace sonde::test {

/// What a generated path is like during one step, in one direction.
struct PathState {
  bool measured = true;  ///< false: a gap
  double base_s = 0;     ///< delay of the fastest packet
  double queue_s = 0;    ///< size of the queue: a packet at quantile u waits queue_s * wait(u)
  double loss = 0;       ///< share
  int hops = 9;
  double clock_error_s = 0;  ///< of the clocks, seen in delays but not real
};

/// A year of a path's life by formula: days and nights, a noisy week end, and for some of them a route change, a loss
/// episode, gaps. All of them see one step of the node's clock. The same for the same number and end, for ever.
/// With `cases` the first three tell the prepared stories of case_of().
class GeneratedPath {
 public:
  GeneratedPath(int number, UtcTime end, bool cases);

  PathState at(Direction direction, UtcTime t) const;
  std::string id() const { return "path" + std::to_string(1000 + number_).substr(1); }
  std::string peer_name() const;

  /// Route changes and the clock's step as events.
  std::vector<std::pair<UtcTime, std::string>> route_changes() const;
  UtcTime clock_step() const { return align_down(end_ - std::chrono::hours{40 * 24}, std::chrono::hours{1}); }

 private:
  double noise(Direction direction, UtcTime t) const;  ///< 0 to 1, even, new every minute
  int number_;
  UtcTime end_;
  bool cases_;
  double distance_s_, load_s_;
  UtcTime episode_, gap_;
  std::optional<UtcTime> route_change_;
};

/// What a reader of the pictures should find out about one prepared path.
struct PreparedCase {
  int path = 0;
  std::string what, where;
  UtcTime since{};
};
std::vector<PreparedCase> prepared_cases(UtcTime end);

/// Waiting time of quantile u, in sizes of the queue. wait(0) = 0.
double wait(double u);
inline constexpr double kMeanWait = 0.35;

}  // namespace sonde::test
