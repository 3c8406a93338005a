#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/archive/journal.h"
#include "core/archive/strands.h"
#include "core/archive/tiers.h"
#include "core/statistics/delay_histogram.h"

namespace sonde {

/// One stored or merged histogram: delays of arrived packets with the counts beside them.
struct HistogramRow {
  UtcTime begin{};
  std::uint64_t sent = 0, lost = 0;
  bool heavy = false;  ///< a saturating test ran meanwhile
  DelayHistogram delays;
};
/// Of one direction of a Result; empty without counts. What cannot be decoded comes back without delays.
std::optional<HistogramRow> histogram_of(const Result& result, Direction direction, UtcTime begin);
/// Takes the delays out of the rows.
HistogramRow merge(std::span<HistogramRow> rows, UtcTime begin);

/// The tables histogram and histogram_until: own widths as they come, coarser ones merged once they are closed.
/// The series thread's own, but read().
class Histograms {
 public:
  static void create(Journal& journal);
  /// What is merged so far, as the disk has it: at the start and after a transaction that failed.
  void load(Journal& journal);

  /// A further Result's direction, as it was coded. Where a coarser one had already been merged it is merged anew.
  void add(Journal& journal, const Strand& strand, UtcTime begin, const DirectionResult& direction, bool heavy);
  /// Merges what is closed by now; at most `most` stored rows are read, false = there is more to do.
  bool merge_closed(Journal& journal, const Strand& strand, UtcTime now, std::size_t most);
  /// Deletes at most `most` rows whose time is over; returns how many.
  std::int64_t prune(Journal& journal, const Strand& strand, UtcTime now, std::size_t most);
  /// The same for what exceeds the octets of its tier, oldest first; reads all rows of the strand.
  std::int64_t prune_octets(Journal& journal, const Strand& strand, std::size_t most);
  std::int64_t erase(Journal& journal, std::int64_t strand, std::size_t most);

  /// For those who have a past to write down: an encoded row of a tier (zero = own width), and that a tier is merged
  /// up to a time.
  static void put_encoded(Journal& journal, std::int64_t strand, Duration width, const HistogramRow& counts,
                          std::span<const std::byte> delays, bool replace = true);
  static void set_until(Journal& journal, std::int64_t strand, Duration width, UtcTime until);

  /// Any thread, own connection and within a transaction: hands over rows that begin in the range, ascending, as wide
  /// as `tier` where that is merged already, finer after it. One at a time: all of a year would be hundreds of MB.
  static void read(Journal& journal, const Strand& strand, const Tier& tier, TimeRange range,
                   const std::function<void(HistogramRow)>& take);

 private:
  void merge_slot(Journal& journal, const Strand& strand, Duration from, Duration width, UtcTime begin);
  UtcTime& until(std::int64_t strand, Duration width);

  std::map<std::pair<std::int64_t, std::int64_t>, UtcTime> until_;  ///< strand, width in s -> merged up to here
};

}  // namespace sonde
