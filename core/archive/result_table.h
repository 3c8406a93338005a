#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "core/archive/archive.h"
#include "core/archive/journal.h"
#include "core/archive/result_coding.h"

namespace sonde {

/// What becomes of a stored Result; part of the stored format.
enum class Keeping : std::uint8_t {
  event = 0,      ///< stays for the retention of event results
  aligned = 1,    ///< goes to the aligned series, its row is then kept for 48 h
  irregular = 2,  ///< of a continuous test, but late, off the steps or not done: stays, the newest 10,000 of a test
  doubtful = 3,   ///< taken while the clock was not believed: stays as irregular ones do, and draws no one-way delay
};
Keeping keeping_of(const Result& result);
/// The aligned step that a continuous Result stands for: the one that it begins in. A clock that is being corrected may
/// have it begin just before its step.
TimeRange slot_of(UtcTime begin, Duration step);
TimeRange slot_of(const Result& result);

/// One row as it is read back.
struct ResultRow {
  std::int64_t seq = 0;
  Keeping keeping = Keeping::event;
  std::shared_ptr<const Result> result;
};

/// The tables result, packets and result_log. Each call says which connection it uses.
class ResultTable {
 public:
  ResultTable(Names& names, MetricFinder find) : names_(names), find_(std::move(find)) {}

  static void create(Journal& journal);
  /// False = a Result of this id is already there. `boot` marks results in doubt that a later step moves.
  bool insert(Journal& journal, std::int64_t seq, const Result& result, std::int64_t boot);
  /// Moves results in doubt of this boot by `step`.
  void move_doubtful(Journal& journal, std::int64_t boot, Duration step, bool settled);
  std::int64_t newest_seq(Journal& journal) const;

  /// Newest first.
  std::vector<std::shared_ptr<const Result>> newest(Journal& journal, const ResultQuery& query) const;
  std::shared_ptr<const Result> by_id(Journal& journal, const std::string& id) const;
  /// Rows with from < seq, ascending, at most `most` of them.
  std::vector<ResultRow> after(Journal& journal, std::int64_t from, std::size_t most) const;
  /// Aligned rows of a test up to `seq`, by time: the next chunk after `position`, which moves on.
  struct Position {
    std::int64_t begin = std::numeric_limits<std::int64_t>::min(), seq = 0;
  };
  std::vector<ResultRow> aligned_of(Journal& journal, const std::string& test, std::int64_t seq, Position& position,
                                    std::size_t most) const;
  void set_keeping(Journal& journal, std::int64_t seq, Keeping keeping);

  /// A value that is in no aligned series (yet): of an event, an irregular Result, or an aligned one after `applied`.
  struct Loose {
    TimeRange time;
    Keeping keeping = Keeping::event;
    CodedValue coded;
  };
  /// Those of one series that begin in the range, ascending, handed to `take` one by one.
  void loose(Journal& journal, const SeriesKey& key, TimeRange range, std::int64_t applied,
             const std::function<void(const Loose&)>& take) const;
  /// Whole Results of a test's revision after `applied` that begin in the range.
  std::vector<ResultRow> unapplied(Journal& journal, const std::string& test, std::uint32_t revision, TimeRange range,
                                   std::int64_t applied) const;

 private:
  std::shared_ptr<Result> read(Journal::Rows& rows, std::int64_t& seq) const;
  ResultRow row(Journal::Rows& rows) const;
  void add_packets(Journal& journal, std::int64_t seq, Result& result) const;
  void add_log(Journal& journal, std::int64_t seq, Result& result) const;

  Names& names_;
  MetricFinder find_;
};

}  // namespace sonde
