#include "core/archive/cells.h"

#include <algorithm>
#include <cmath>

#include "core/statistics/loss.h"

namespace sonde {

void Cell::add_value(Combining combining, double value, double weight) {
  const bool weighed = combining == Combining::by_measured || combining == Combining::by_received;
  sum_ += weighed ? value * weight : value;
  weight_ += weighed ? weight : 1;
  ++values_;
  single_ = value;
  if (combining != Combining::sum) add_range(value, value);
}

void Cell::add_mean(Combining combining, double mean, double mean_weight, double known_steps) {
  const bool weighed = combining == Combining::by_measured || combining == Combining::by_received;
  sum_ += mean * known_steps;
  weight_ += (weighed ? mean_weight : 1) * known_steps;
  values_ += 2;  // never a single value
}

void Cell::add_range(std::optional<double> low, std::optional<double> high) {
  if (low) low_ = low_ ? std::min(*low_, *low) : *low;
  if (high) high_ = high_ ? std::max(*high_, *high) : *high;
}

void Cell::add_error(std::optional<double> error) {
  if (!error) {
    error_unknown_ = true;
  } else {
    error_ = std::max(error_.value_or(0), *error);
  }
}

Point Cell::point(Combining combining, UtcTime begin) const {
  Point point{begin, std::nullopt, low_, high_, error_unknown_ ? std::nullopt : error_};
  switch (combining) {
    case Combining::sum:
      if (values_ > 0) point.value = sum_;
      break;
    case Combining::mean:
    case Combining::by_received:
    case Combining::by_measured:
      if (values_ > 0 && weight_ > 0) point.value = sum_ / weight_;
      break;
    case Combining::least:
      point.value = low_;
      break;
    case Combining::greatest:
      point.value = high_;
      break;
    case Combining::distribution:
    case Combining::envelope:
      if (values_ == 1) point.value = single_;
      break;
  }
  // A value stored as it was comes back as it was, not as product and quotient.
  if (values_ == 1 && point.value && combining != Combining::sum) point.value = single_;
  if (combining == Combining::by_measured && point.value && weight_ >= 1) {
    const Interval wilson = wilson_of_share(std::clamp(*point.value, 0.0, 1.0), weight_);
    if (wilson.low && wilson.high) point.error = (*wilson.high - *wilson.low) / 2;
  }
  return point;
}

}  // namespace sonde
