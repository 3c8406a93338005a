#pragma once

#include "core/archive/result_table.h"
#include "core/archive/series_files.h"
#include "core/archive/smoke_reader.h"
#include "core/archive/strands.h"

namespace sonde {

/// Answers for series: joins the files for closed steps with the database for the newest, the irregular and
/// the events. Safe to call from any thread, each call with a connection of its own.
class SeriesReader {
 public:
  SeriesReader(const Clock& clock, const Names& names, const Strands& strands, SeriesFiles& files,
               const ResultTable& results, const SmokeReader& smoke)
      : clock_(clock), names_(names), strands_(strands), files_(files), results_(results), smoke_(smoke) {}

  std::vector<SeriesInfo> series(const std::string& test) const;
  Series fetch(Journal& journal, const SeriesKey& key, TimeRange range, Duration resolution) const;

 private:
  struct Request;
  UtcTime newest_step(const Request& request) const;
  RrdTable table(const Request& request, FileKind kind, const char* combining, Duration step, UtcTime begin,
                 UtcTime end, std::vector<std::string>& sources) const;
  void add_steps(Request& request, UtcTime begin) const;
  void add_sums(Request& request, const Tier& tier, UtcTime end) const;
  void add_ranges(Request& request, const Tier& tier, UtcTime end) const;
  std::vector<ResultTable::Loose> loose_of(Journal& journal, const Request& request) const;
  void add_loose(Request& request, const std::vector<ResultTable::Loose>& all) const;
  Series events(Journal& journal, Request& request) const;
  void merge_distributions(Journal& journal, const Strand& strand, TimeRange range, Series& series) const;

  const Clock& clock_;
  const Names& names_;
  const Strands& strands_;
  SeriesFiles& files_;
  const ResultTable& results_;
  const SmokeReader& smoke_;
};

}  // namespace sonde
