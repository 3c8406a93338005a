#include "core/archive/retention.h"

#include <algorithm>

namespace sonde {
namespace {

constexpr std::size_t kChunk = 1000;        ///< rows of one kind at once
constexpr std::size_t kStrandsAtOnce = 20;  ///< whose histograms are looked at in one turn
constexpr std::size_t kWeighEvery = 300;    ///< turns
constexpr int kPages = 500;                 ///< given back to the file system at once

std::int64_t nanoseconds(UtcTime t) { return t.time_since_epoch().count(); }

}  // namespace

bool Retention::prune(UtcTime now, std::int64_t copied) {
  Journal::Transaction transaction(journal_);
  const std::int64_t pruned = prune_rows(now, copied) + prune_irregular() + prune_histograms(now) +
                              events_.prune(journal_, now - keep::kEvents, kChunk);
  transaction.commit();
  journal_.execute(("PRAGMA incremental_vacuum(" + std::to_string(kPages) + ")").c_str());
  return pruned >= static_cast<std::int64_t>(kChunk);
}

std::int64_t Retention::prune_rows(UtcTime now, std::int64_t copied) {
  const std::int64_t packets = journal_.run(
      "DELETE FROM packets WHERE seq IN (SELECT seq FROM packets WHERE kept_until < ? ORDER BY kept_until LIMIT ?)",
      nanoseconds(now), kChunk);
  const std::int64_t logs = journal_.run(
      "DELETE FROM result_log WHERE seq IN (SELECT seq FROM result_log WHERE kept_until < ? ORDER BY kept_until LIMIT "
      "?)",
      nanoseconds(now), kChunk);
  const std::int64_t aligned = journal_.run(
      "DELETE FROM result WHERE seq IN (SELECT seq FROM result WHERE keeping = 1 AND begin < ? AND seq <= ?"
      " ORDER BY begin LIMIT ?)",
      nanoseconds(now - keep::kAlignedRows), copied, kChunk);
  const std::int64_t events = journal_.run(
      "DELETE FROM result WHERE seq IN (SELECT seq FROM result WHERE begin < ? AND keeping != 1 AND boot IS NULL"
      " ORDER BY begin LIMIT ?)",
      nanoseconds(now - keep::kEvents), kChunk);
  return packets + logs + aligned + events;
}

std::int64_t Retention::prune_irregular() {
  std::vector<std::pair<std::int64_t, std::int64_t>> excess;
  for (auto rows = journal_.query("SELECT test, count(*) FROM result WHERE keeping >= 2 GROUP BY test"); rows.next();)
    if (rows.number(1) > keep::kIrregularRows)
      excess.emplace_back(rows.number(0), rows.number(1) - keep::kIrregularRows);
  std::int64_t pruned = 0;
  for (const auto& [test, count] : excess)
    pruned += journal_.run(
        "DELETE FROM result WHERE seq IN (SELECT seq FROM result WHERE keeping >= 2 AND test = ?"
        " ORDER BY begin LIMIT ?)",
        test, std::min<std::int64_t>(count, kChunk));
  return pruned;
}

std::int64_t Retention::prune_histograms(UtcTime now) {
  const auto strands = strands_.ids();
  std::int64_t pruned = 0;
  for (std::size_t i = 0; i < std::min(kStrandsAtOnce, strands.size()); ++i) {
    next_strand_ = (next_strand_ + 1) % strands.size();
    if (const auto strand = strands_.find(strands[next_strand_]))
      pruned += histograms_.prune(journal_, *strand, now, kChunk);
  }
  // Weighing a strand reads all its rows.
  if (strands.empty() || ++turns_ % kWeighEvery != 0) return pruned;
  next_weighed_ = (next_weighed_ + 1) % strands.size();
  if (const auto strand = strands_.find(strands[next_weighed_]))
    pruned += histograms_.prune_octets(journal_, *strand, kChunk);
  return pruned;
}

bool Retention::erase_results(std::int64_t test, std::int64_t seq) {
  Journal::Transaction transaction(journal_);
  std::vector<std::int64_t> chunk;
  for (auto rows = journal_.query("SELECT seq FROM result WHERE test = ? AND seq <= ? LIMIT ?", test, seq, kChunk);
       rows.next();)
    chunk.push_back(rows.number(0));
  for (const std::int64_t row : chunk) {
    journal_.run("DELETE FROM packets WHERE seq = ?", row);
    journal_.run("DELETE FROM result_log WHERE seq = ?", row);
    journal_.run("DELETE FROM result WHERE seq = ?", row);
  }
  if (chunk.empty()) journal_.run("DELETE FROM event WHERE test = ?", test);
  transaction.commit();
  return !chunk.empty();
}

}  // namespace sonde
