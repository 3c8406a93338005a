#pragma once

#include <optional>
#include <vector>

#include "core/archive/histograms.h"
#include "core/archive/result_table.h"
#include "core/archive/series_files.h"
#include "core/archive/series_writer.h"
#include "core/archive/strands.h"
#include "core/base/log.h"

namespace sonde {

/// Carries committed Results over into series files and histograms, and keeps the files whole: what is about to change
/// is written down first, a batch is marked applied only after the disk has it, and a file that may be torn is made
/// anew from its copy and the journal. The series thread's own.
class Applier {
 public:
  Applier(Journal& journal, Names& names, Strands& strands, ResultTable& results, SeriesFiles& files,
          Histograms& histograms, Log log);
  static void create(Journal& journal);

  /// Newest seq that series and histograms have.
  std::int64_t applied() const { return applied_; }
  /// `rows` ascending, the next after applied(); `newest` is applied if there are none (they were deleted). What takes
  /// too long is left for the next call. Commits by itself. Throws Error, BrokenFile among them; may then be repeated,
  /// after repair.
  void apply(std::vector<ResultRow> rows, std::int64_t newest, UtcTime believed_now);

  /// Restores those files of one test that may be torn; false = there are none. Nothing may be applied before.
  bool repair_some(UtcTime believed_now);
  /// Copies one file whose copy is older than a day; false = there is none.
  bool copy_one(UtcTime now);
  /// Rows up to here are in files and in their copies: the journal may forget them.
  std::int64_t copied() const;
  void forget(std::int64_t strand);

 private:
  struct FileMark {
    std::int64_t uncopied = 0;  ///< first seq that its copy lacks; 0 = the copy has everything
    UtcTime copied_at = UtcTime::min();
  };
  Names::Id commit(const std::vector<ResultRow>& rows, std::int64_t up_to, const std::vector<FileKey>& touched,
                   const std::vector<FileKey>& broken, const std::vector<std::int64_t>& beside, UtcTime believed_now);
  void load_marks();
  void add_histograms(const Result& result);
  void replay(const std::vector<FileKey>& files, const std::string& test, UtcTime believed_now);
  void mark_touched(const std::vector<FileKey>& files);
  void mark_uncopied(const std::vector<FileKey>& files, std::int64_t seq, UtcTime now);
  void mark_broken(const std::vector<FileKey>& files);
  void write_touching(const FileKey& file);
  void write_mark(const FileKey& file);

  Journal& journal_;
  Names& names_;
  Strands& strands_;
  ResultTable& results_;
  SeriesFiles& files_;
  Histograms& histograms_;
  SeriesWriter writer_;
  Log log_;
  std::int64_t applied_ = 0;
  std::map<FileKey, FileMark> marks_;
};

/// Writes the words that are not durable yet, within the caller's transaction; the number to acknowledge after it.
Names::Id write_names(Journal& journal, const Names& names);

/// Numbers that outlive a run of the program; 0 where none was set. "applied": newest seq in series and histograms.
std::int64_t mark(Journal& journal, std::string_view name);
void set_mark(Journal& journal, std::string_view name, std::int64_t value);

}  // namespace sonde
