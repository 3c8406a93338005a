#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/archive/archive.h"
#include "core/archive/journal.h"
#include "core/archive/names.h"
#include "core/archive/tiers.h"

namespace sonde {

/// All that one revision of a test says about one direction and subject.
struct StrandKey {
  std::string test;
  std::uint32_t revision = 1;
  Direction direction = Direction::none;
  std::string subject;
  friend auto operator<=>(const StrandKey&, const StrandKey&) = default;
};

/// How one metric of a strand is kept.
struct SeriesEntry {
  int part = 0;  ///< of the strand's files; 0 = in no file
  Combining combining = Combining::envelope;
};

struct Strand {
  std::int64_t id = 0;
  StrandKey key;
  Duration step{};  ///< of its aligned series; zero = event results only
  UtcTime first = UtcTime::max(), last = UtcTime::min();
  std::map<std::string, SeriesEntry, std::less<>> metrics;  ///< by Metric::key
  int parts = 0;  ///< of files, from 1: metrics that came later have files of their own
};

/// The catalogue of everything that has series, in memory and in the tables strand, series and revision. Safe to call
/// from any thread; place, write, written and erase are the series thread's.
class Strands {
 public:
  explicit Strands(Names& names) : names_(names) {}
  static void create(Journal& journal);
  void load(Journal& journal);

  std::optional<Strand> find(const StrandKey& key) const;
  std::optional<Strand> find(std::int64_t id) const;
  std::vector<Strand> of_test(const std::string& test) const;
  std::vector<std::uint32_t> revisions(const std::string& test) const;
  std::vector<std::int64_t> ids() const;

  /// Takes note of a Result's strands, metrics and time.
  void note(const Result& result);
  /// The metric is in the files of this part.
  void place(const StrandKey& key, std::string_view metric, int part);
  /// Writes what changed, within the caller's transaction; written() after the commit, else the next write() repeats
  /// it.
  void write(Journal& journal);
  void written();
  void erase(Journal& journal, const std::string& test);

 private:
  Strand& change(const StrandKey& key);
  static void write(Journal& journal, Names& names, const Strand& strand);

  Names& names_;
  mutable std::shared_mutex mutex_;
  std::map<StrandKey, Strand> strands_;
  std::map<std::int64_t, StrandKey> keys_;
  std::map<std::int64_t, std::unordered_set<const Metric*>> noted_;  ///< of each strand, so that note() is quick
  std::map<std::string, std::set<std::uint32_t>, std::less<>> revisions_;
  /// Not durable yet, and what write() took of it.
  std::set<std::int64_t> changed_, in_flight_;
  std::set<std::pair<std::string, std::uint32_t>> new_revisions_, revisions_in_flight_;
  std::int64_t newest_id_ = 0;
};

/// The statistics of one strand within a Result.
struct StrandValues {
  StrandKey key;
  std::vector<const Statistic*> statistics;
};
std::vector<StrandValues> strands_in(const Result& result);
/// Counts and histogram of a direction, or null.
const DirectionResult* direction_in(const Result& result, Direction direction);

}  // namespace sonde
