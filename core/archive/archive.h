#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/measurement/result.h"
#include "core/measurement/test_spec.h"

namespace sonde {

/// One stored series: a metric of a test's revision in one direction.
struct SeriesKey {
  std::string test;
  std::uint32_t revision = 1;
  std::string metric;  ///< Metric::key
  Direction direction = Direction::none;
  std::string subject;     ///< an interface's name; mostly empty
  std::string id() const;  ///< stable, URL-safe: "TEST.REVISION.DIRECTION.METRIC[~SUBJECT in hex]"
  static std::optional<SeriesKey> from_id(std::string_view id);
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
};

struct SeriesInfo {
  SeriesKey key;
  TimeRange extent;  ///< first and last stored step
  Duration step{};   ///< of the finest tier
};

/// One drawn point. Empty value = nothing was measured in it: a gap, never zero.
struct Point {
  UtcTime begin{};
  std::optional<double> value;      ///< of the metric; ratio = sum / sum; percentile from merged histograms only
  std::optional<double> low, high;  ///< smallest and largest stored value within a wide point
  std::optional<double> error;      ///< ± where known (clock bound; Wilson for ratios as half width)
};

struct Series {
  SeriesKey key;
  Duration step{};            ///< of these points; zero = event results at their own times
  std::vector<Point> points;  ///< ascending, aligned to step
};

/// Smoke of one direction over time, from merged histograms. Seconds.
struct SmokePoint {
  UtcTime begin{};
  std::uint64_t sent = 0, lost = 0;
  std::optional<double> min, p10, p25, p50, p75, p90, max;
  std::optional<double> clock_bound;  ///< sum of both ends', seconds; empty = unknown
  bool same_clock = false;
  bool heavy = false;  ///< a saturating test ran meanwhile
};
struct Smoke {
  Duration step{};
  std::vector<SmokePoint> points;
};

/// Something that happened: a run's failure, a clock step, a route change, a revision's start.
struct Event {
  std::string id;
  UtcTime time{};
  std::string kind;  ///< "run_failed", "clock_step", "revision", "storage", "node_start", "route_change", ...
  std::string test;  ///< or empty
  std::string sentence;
  std::optional<RouteChange> routes{};  ///< of "route", "route_change" and "route_more"
};

struct ResultQuery {
  std::string test;  ///< empty = all
  TimeRange range;
  std::size_t limit = 100;  ///< newest first
  std::string before_id;    ///< paging: only older than this Result id
  std::optional<Outcome> outcome;
  bool with_packets = false;
};

/// How much a test will take at most, and what the whole archive takes now.
struct DiskBudget {
  std::uint64_t octets = 0;  ///< for ever: all tiers, histograms, journal, raw packets, copies
  std::uint64_t octets_per_day_raw = 0;
};
struct ArchiveState {
  bool storing = true;
  std::string sentence;  ///< why not, since when, what to do
  std::uint64_t used_octets = 0, free_octets = 0;
  std::uint64_t limit_octets = 0;     ///< the archive never takes more
  std::uint64_t budgeted_octets = 0;  ///< all tests together, at most; the node adds it up
  std::uint64_t queued = 0, overflowed = 0;
  std::uint64_t results = 0;
  bool clock_ahead = false;  ///< the clock is not followed: far ahead of what is stored, and nobody vouches for it
};

/// Safe to call from any thread.
class Archive {
 public:
  virtual ~Archive() = default;
  /// Takes the Result in; announces it to the listener only once it is durable. Never blocks; a full queue is
  /// counted, told and answered false.
  virtual bool store(Result result) = 0;
  virtual void store_event(Event event) = 0;
  /// Called on the archive's own thread after each commit, in the order of storing. Set once, before the first store.
  virtual void on_stored(std::function<void(std::shared_ptr<const Result>)> listener) = 0;

  virtual std::vector<SeriesInfo> series(const std::string& test) const = 0;
  /// `resolution` = wished step; the answer's is the least round one that is not finer, gives at most 4,000 points and
  /// is still kept for so old a range.
  virtual Series fetch(const SeriesKey& key, TimeRange range, Duration resolution) const = 0;
  virtual Smoke smoke(const std::string& test, std::uint32_t revision, Direction direction, TimeRange range,
                      Duration resolution) const = 0;
  virtual std::vector<std::shared_ptr<const Result>> results(const ResultQuery& query) const = 0;
  virtual std::shared_ptr<const Result> result(const std::string& id) const = 0;
  virtual std::vector<Event> events(TimeRange range, const std::string& test, std::size_t limit) const = 0;
  /// All revisions of a test that have data, oldest first.
  virtual std::vector<std::uint32_t> revisions(const std::string& test) const = 0;
  virtual void delete_test(const std::string& test) = 0;
  virtual ArchiveState state() const = 0;
  /// Waits until everything stored so far is durable or refused; for stops and tests.
  virtual void flush() = 0;
};

}  // namespace sonde
