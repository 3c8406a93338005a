#pragma once

#include <optional>

#include "core/archive/archive.h"
#include "core/archive/tiers.h"

namespace sonde {

/// What is known of one series within one point, gathered from however many steps and files. The only place where
/// values are combined.
class Cell {
 public:
  /// One value over `steps` steps of which the known ones are told; weights are totals over those steps.
  void add_value(Combining combining, double value, double weight);
  /// A coarse row: mean of the values (or of value times weight) over its known steps, and how many those are.
  void add_mean(Combining combining, double mean, double mean_weight, double known_steps);
  void add_range(std::optional<double> low, std::optional<double> high);
  void add_error(std::optional<double> error);
  bool empty() const { return values_ == 0 && !low_; }

  /// `error` of a share is Wilson's half width, of all else the greatest that was added.
  Point point(Combining combining, UtcTime begin) const;

 private:
  double sum_ = 0, weight_ = 0;
  unsigned values_ = 0;  ///< contributions
  double single_ = 0;
  std::optional<double> low_, high_, error_;
  bool error_unknown_ = false;
};

}  // namespace sonde
