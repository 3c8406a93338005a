#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/measurement/metric.h"

namespace sonde {

/// Short numbers for words that repeat in every Result: tests, probes, metric keys, parameter keys. A number is given
/// once and for ever. Safe to call from any thread; the views live as long as the table.
class Names {
 public:
  using Id = std::uint32_t;
  static constexpr Id kUnknown = 0;

  /// The word's number; a new word gets the next one and waits in `pending` until it is written.
  Id id_of(std::string_view word);
  /// The same for a metric's key; quick, because a Metric stays where it is.
  Id id_of(const Metric& metric);
  /// The number of a word already known, or kUnknown.
  Id find(std::string_view word) const;
  /// Empty for a number never given.
  std::string_view word(Id id) const;

  /// As read from the disk, in ascending order.
  void load(Id id, std::string word);
  struct Entry {
    Id id;
    std::string_view word;
  };
  /// Words not yet durable, and their acknowledgement once a commit that carries all up to `id` is done.
  std::vector<Entry> pending() const;
  void written(Id id);

 private:
  mutable std::shared_mutex mutex_;
  std::deque<std::string> words_;  ///< words_[id - 1]
  std::map<std::string_view, Id> ids_;
  std::unordered_map<const Metric*, Id> metrics_;
  Id durable_ = 0;
};

}  // namespace sonde
