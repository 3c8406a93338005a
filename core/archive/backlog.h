#pragma once

#include <algorithm>
#include <deque>
#include <mutex>
#include <vector>

#include "core/archive/result_table.h"

namespace sonde {

/// Committed Results on their way from archive thread -> series thread. Bounded: what does not fit is read back from
/// the journal. Numbers have no holes. Safe to call from any thread.
class Backlog {
 public:
  explicit Backlog(std::size_t most) : most_(most) {}

  void start(std::int64_t newest) {
    const std::scoped_lock lock(mutex_);
    newest_ = newest;
  }
  void add(std::vector<ResultRow> rows) {
    const std::scoped_lock lock(mutex_);
    for (ResultRow& row : rows) {
      newest_ = row.seq;
      rows_.push_back(std::move(row));
      if (rows_.size() > most_) rows_.pop_front();
    }
  }
  /// The next rows after `seq`; empty = they are in the journal only, or there are none.
  std::vector<ResultRow> after(std::int64_t seq, std::size_t most) {
    const std::scoped_lock lock(mutex_);
    while (!rows_.empty() && rows_.front().seq <= seq) rows_.pop_front();
    if (rows_.empty() || rows_.front().seq != seq + 1) return {};
    const auto end = rows_.begin() + static_cast<std::ptrdiff_t>(std::min(most, rows_.size()));
    return {rows_.begin(), end};
  }
  /// The newest committed number.
  std::int64_t newest() const {
    const std::scoped_lock lock(mutex_);
    return newest_;
  }

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::deque<ResultRow> rows_;
  std::int64_t newest_ = 0;
};

}  // namespace sonde
