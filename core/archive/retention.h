#pragma once

#include "core/archive/event_table.h"
#include "core/archive/histograms.h"
#include "core/archive/journal.h"
#include "core/archive/strands.h"

namespace sonde {

/// How long rows stay; README.md gives the reasons.
namespace keep {
inline constexpr Duration kAlignedRows = std::chrono::hours{48};
inline constexpr Duration kPackets = std::chrono::hours{24};
inline constexpr Duration kLog = std::chrono::hours{7 * 24}, kFailedLog = std::chrono::hours{90 * 24};
inline constexpr Duration kEvents = std::chrono::hours{731 * 24};
inline constexpr std::int64_t kIrregularRows = 10'000;
/// Of the log of one Result; the newest lines count.
inline constexpr std::size_t kLogOctets = 1000, kFailedLogOctets = 4000;
}  // namespace keep

/// Deletes what has had its time, a little at a time, so that storing never waits long. The series thread's own.
class Retention {
 public:
  Retention(Journal& journal, Strands& strands, Histograms& histograms, EventTable& events)
      : journal_(journal), strands_(strands), histograms_(histograms), events_(events) {}

  /// One chunk of each kind, in one transaction; true = there is more. Aligned rows only up to `copied`.
  bool prune(UtcTime now, std::int64_t copied);
  /// Results, packets and logs of a deleted test up to `seq`, one chunk; true = there is more.
  bool erase_results(std::int64_t test, std::int64_t seq);

 private:
  std::int64_t prune_rows(UtcTime now, std::int64_t copied);
  std::int64_t prune_irregular();
  std::int64_t prune_histograms(UtcTime now);

  Journal& journal_;
  Strands& strands_;
  Histograms& histograms_;
  EventTable& events_;
  std::size_t next_strand_ = 0, next_weighed_ = 0, turns_ = 0;
};

}  // namespace sonde
