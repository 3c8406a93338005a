#pragma once

#include <vector>

#include "core/archive/archive.h"
#include "core/archive/journal.h"
#include "core/archive/names.h"

namespace sonde {

/// The table event: what happened, for two years, at most 200,000 of them.
class EventTable {
 public:
  explicit EventTable(Names& names) : names_(names) {}
  static void create(Journal& journal);
  void insert(Journal& journal, const Event& event);
  /// Newest first; of one test, or of all when `test` is empty. An empty range = all times.
  std::vector<Event> newest(Journal& journal, TimeRange range, const std::string& test, std::size_t limit) const;
  /// Deletes at most `chunk` that are older than `oldest` or beyond the bound; returns how many.
  std::int64_t prune(Journal& journal, UtcTime oldest, std::size_t chunk);

 private:
  Names& names_;
};

}  // namespace sonde
