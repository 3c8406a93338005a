#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/archive/names.h"
#include "core/archive/result_table.h"
#include "core/archive/series_files.h"
#include "core/archive/strands.h"

namespace sonde {

/// A file whose newest step is farther than this ahead of the believed time would be stuck for good.
inline constexpr Duration kAhead = std::chrono::hours{24};

/// Turns aligned Results into rows of the files of their strands. The series thread's own.
class SeriesWriter {
 public:
  SeriesWriter(Names& names, Strands& strands, SeriesFiles& files) : names_(names), strands_(strands), files_(files) {}

  enum class Fate : std::uint8_t {
    taken,   ///< waits for write()
    there,   ///< the files have it already: it is being replayed
    beside,  ///< earlier than the newest step or later than `believed_now`: it stays in the database
  };
  /// Throws BrokenFile, also for a file that was written while the clock was far ahead; forget() then.
  Fate add(const Result& result, UtcTime believed_now);
  /// The files that write() is about to change.
  std::vector<FileKey> touched() const;
  /// Appends what add() took, one update for each file. A file that cannot be written is left out and answered.
  std::vector<FileKey> write();
  void forget() { waiting_.clear(); }

  /// As add, but for one restored file only, and only for steps that it lacks.
  void add_to(const FileKey& file, const Result& result);

 private:
  struct View;
  static View view_of(Names& names, const Result& result, const StrandValues& values);
  bool has_step(const Strand& strand, const TimeRange& slot);
  std::int64_t newest_s(const FileKey& file);
  void place_new_metrics(const StrandKey& key, const View& view);
  bool make_file(const FileKey& file, const Strand& strand, const View& view, const TimeRange& slot);
  void add_row(const FileKey& file, const Strand& strand, const View& view, const TimeRange& slot);

  Names& names_;
  Strands& strands_;
  SeriesFiles& files_;
  std::map<FileKey, std::vector<RrdRow>> waiting_;
};

}  // namespace sonde
