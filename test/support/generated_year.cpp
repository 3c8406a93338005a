#include "test/support/generated_year.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>

#include "core/archive/applier.h"
#include "core/archive/committer.h"
#include "core/archive/disk.h"
#include "core/archive/durable_archive.h"
#include "core/archive/histograms.h"
#include "core/archive/series_files.h"
#include "core/statistics/loss.h"
#include "test/support/generated_path.h"

namespace sonde::test {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDay = 24h, kYear = 365 * kDay;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kPacketsAMinute = 600;
constexpr Duration kBound = 400us;

/// Stands at the end of the year.
class StandingClock final : public Clock {
 public:
  explicit StandingClock(UtcTime now) : now_(now) {}
  SteadyTime steady_now() const override { return SteadyTime{now_.time_since_epoch()}; }
  UtcTime utc_now() const override { return now_; }
  Anchor anchor() const override { return {steady_now(), now_, 0}; }
  ClockQuality quality() const override { return {kBound / 2, true, true, "chrony, stratum 2"}; }

 private:
  UtcTime now_;
};

/// The metrics that a generated path has, with their values over n packets.
struct Values {
  const PathState& s;
  double n;
  double delay(double u) const { return s.base_s + s.clock_error_s + s.queue_s * wait(u); }
  double received() const { return std::nearbyint(n * (1 - s.loss)); }
  double last() const { return 1 - 1 / std::max(2.0, received()); }
};
struct Known {
  const Metric* metric;
  double (*value)(const Values&);
};
const Known kKnown[] = {
    {&metric::delay_min, [](const Values& v) { return v.delay(0); }},
    {&metric::delay_mean, [](const Values& v) { return v.delay(0) + v.s.queue_s * kMeanWait; }},
    {&metric::delay_p25, [](const Values& v) { return v.delay(0.25); }},
    {&metric::delay_p50, [](const Values& v) { return v.delay(0.50); }},
    {&metric::delay_p75, [](const Values& v) { return v.delay(0.75); }},
    {&metric::delay_p95, [](const Values& v) { return v.delay(0.95); }},
    {&metric::delay_p99, [](const Values& v) { return v.delay(0.99); }},
    {&metric::delay_max, [](const Values& v) { return v.delay(v.last()); }},
    {&metric::ipdv_p95, [](const Values& v) { return v.s.queue_s * wait(0.9); }},
    {&metric::pdv_p95, [](const Values& v) { return v.s.queue_s * wait(0.95); }},
    {&metric::pdv_spread, [](const Values& v) { return v.s.queue_s * (wait(0.95) - wait(0.5)); }},
    {&metric::loss_ratio, [](const Values& v) { return 1 - v.received() / v.n; }},
    {&metric::sent, [](const Values& v) { return v.n; }},
    {&metric::received, [](const Values& v) { return v.received(); }},
    {&metric::lost, [](const Values& v) { return v.n - v.received(); }},
    {&metric::duplicates, [](const Values&) { return 0.0; }},
    {&metric::reordered, [](const Values&) { return 0.0; }},
    {&metric::hops_min, [](const Values& v) { return static_cast<double>(v.s.hops); }},
    {&metric::hops_max, [](const Values& v) { return static_cast<double>(v.s.hops); }},
    {&metric::slip_p99, [](const Values&) { return 0.000042; }},
};

/// Encoded histograms of n packets by size of queue, moved to any base: coding a year's worth anew would take minutes.
class Templates {
 public:
  Bytes at(double base_s, double queue_s, std::uint64_t n) {
    const int level = std::clamp(static_cast<int>(std::lround(std::log(queue_s / 1e-6) / std::log(1.1))), 0, 120);
    auto& parts = known_[{level, n}];
    if (parts.first.empty()) parts = make(1e-6 * std::pow(1.1, level), n);
    Bytes bytes = parts.first;
    const auto base = static_cast<std::int64_t>(std::llround(base_s * 1e9));
    for (auto v = static_cast<std::uint64_t>(base) << 1 ^ static_cast<std::uint64_t>(base >> 63); true; v >>= 7) {
      bytes.push_back(static_cast<std::byte>(v < 0x80 ? v : v | 0x80));
      if (v < 0x80) break;
    }
    bytes.insert(bytes.end(), parts.second.begin(), parts.second.end());
    return bytes;
  }

 private:
  /// What stands before and after the base in the stored form (histogram_code.cpp).
  static std::pair<Bytes, Bytes> make(double queue_s, std::uint64_t n) {
    std::vector<std::int64_t> delays;
    for (std::uint64_t i = 0; i < n; ++i)
      delays.push_back(std::llround(queue_s * 1e9 * wait(static_cast<double>(i) / static_cast<double>(n))));
    const Bytes whole = DelayHistogram::of(delays, {.bound = kBound, .same_clock = false}).encode();
    const auto after_varint = [&](std::size_t from) {
      while ((whole[from] & std::byte{0x80}) != std::byte{0}) ++from;
      return from + 1;
    };
    const std::size_t base = after_varint(after_varint(2));  // version, flags; bound; number of cells
    return {{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(base)},
            {whole.begin() + static_cast<std::ptrdiff_t>(base + 1), whole.end()}};  // a base of zero is one octet
  }
  std::map<std::pair<int, std::uint64_t>, std::pair<Bytes, Bytes>> known_;
};

Result result_of(const GeneratedPath& path, UtcTime minute, Templates& templates) {
  Result r;
  r.test = path.id();
  r.id = path.id() + std::to_string(utc_seconds(minute));
  r.id.insert(0, 26 - r.id.size(), '0');
  r.run = "run-" + path.id();
  r.probe = "owamp";
  r.begin = minute;
  r.end = minute + 1min;
  r.continuous = true;
  r.step = 1min;
  r.local_clock = {kBound / 2, true, true, "chrony, stratum 2"};
  r.remote_clock = {kBound / 2, true, true, "the peer's error estimate"};
  r.stamp = StampSource::kernel;
  r.health.slip_p99 = 42us;
  for (const Direction direction : {Direction::forward, Direction::reverse}) {
    const PathState state = path.at(direction, minute);
    const Values values{state, kPacketsAMinute};
    for (const Known& known : kKnown) {
      Statistic s{known.metric, direction, {}, known.value(values), {}, Basis::exact_count, {}};
      const double half = to_seconds(kBound) + state.queue_s * 0.05;
      if (known.metric->key.starts_with("delay."))
        s.interval = {*s.value - half, *s.value + half}, s.basis = Basis::sampling_and_clock;
      if (known.metric == &metric::loss_ratio)
        s.interval = wilson(kPacketsAMinute - static_cast<std::uint64_t>(values.received()), kPacketsAMinute),
        s.basis = Basis::sampling;
      r.statistics.push_back(s);
    }
    const auto received = static_cast<std::uint64_t>(values.received());
    r.directions.push_back({direction,
                            {kPacketsAMinute, received, kPacketsAMinute - received, 0, 0, 0, 0},
                            templates.at(values.delay(0), state.queue_s, kPacketsAMinute),
                            {}});
  }
  return r;
}

/// Rows of a strand's three files and its histograms, straight into the stored formats.
class StrandWriter {
 public:
  StrandWriter(const GeneratedYear& year, Journal& journal, SeriesFiles& files, Names& names, const Strand& strand,
               const GeneratedPath& path, Templates& templates)
      : year_(year),
        journal_(journal),
        files_(files),
        names_(names),
        strand_(strand),
        path_(path),
        templates_(templates) {}

  /// Minutes of [fine_from, end), hours of [begin, fine_from).
  void write(UtcTime begin, UtcTime fine_from, UtcTime end) {
    for (const FileKind kind : {FileKind::steps, FileKind::sums, FileKind::ranges}) {
      const FileKey file{strand_.id, 1, kind};
      const UtcTime first = kind == FileKind::steps ? std::max(begin, end - (year_.full_year ? 35 : 1) * kDay) : begin;
      make(file, first);
      append(file, first, fine_from, 1h);
      append(file, std::max(first, fine_from), end, 1min);
    }
    const UtcTime minutes_from = std::max(fine_from, end - 14 * kDay),
                  fives_from = std::max(fine_from, end - 90 * kDay);
    histograms(0s, minutes_from, end, 1min);
    histograms(5min, fives_from, align_down(end, 5min), 5min);
    histograms(1h, begin, align_down(end, 1h), 1h);
    histograms(kDay, align_down(begin, kDay), align_down(end, kDay), kDay);
  }

 private:
  void make(const FileKey& file, UtcTime first) {
    std::vector<RrdSource> sources;
    const std::int64_t patience = year_.full_year ? 120 : 7200;
    if (file.kind != FileKind::ranges) sources = {{"n", 315'360'000}, {"w0", patience}, {"w1", patience}};
    for (const Known& known : kKnown) {
      const Combining combining = combining_of(*known.metric);
      const bool sum = combining == Combining::sum || combining == Combining::mean,
                 weighed = combining == Combining::by_measured || combining == Combining::by_received;
      const bool range =
          combining == Combining::least || combining == Combining::greatest || combining == Combining::envelope;
      if (file.kind == FileKind::steps || (file.kind == FileKind::sums && (sum || weighed)) ||
          (file.kind == FileKind::ranges && (range || weighed)))
        sources.push_back({"m" + std::to_string(names_.id_of(known.metric->key)), patience});
    }
    if (file.kind != FileKind::sums) sources.push_back({"bound", patience});
    if (year_.full_year) return files_.make(file, 60, utc_seconds(first), sources);
    // Small files: the product's own would take 60 MB a path.
    std::vector<RrdTier> tiers{{"AVERAGE", 1, 2880}};
    if (file.kind == FileKind::sums) tiers = {{"AVERAGE", 5, 576}, {"AVERAGE", 60, 8800}, {"AVERAGE", 1440, 400}};
    if (file.kind == FileKind::ranges) {
      tiers.clear();
      for (const char* end : {"MIN", "MAX"})
        tiers.insert(tiers.end(), {{end, 5, 576}, {end, 60, 8800}, {end, 1440, 400}});
    }
    std::filesystem::create_directories(files_.path(file).parent_path());
    make_rrd(files_.path(file), 60, utc_seconds(first), sources, tiers);
  }

  void append(const FileKey& file, UtcTime from, UtcTime to, Duration step) {
    const auto sources = files_.sources(file);
    std::vector<const Known*> known(sources.size(), nullptr);
    for (std::size_t i = 0; i < sources.size(); ++i)
      for (const Known& k : kKnown)
        if (sources[i] == "m" + std::to_string(names_.id_of(k.metric->key))) known[i] = &k;
    std::vector<RrdRow> rows;
    for (UtcTime t = from; t + step <= to; t += step) {
      rows.push_back({utc_seconds(t + step), row(file.kind, sources, known, t)});
      if (rows.size() == 5000) files_.append(file, rows), rows.clear();
    }
    files_.append(file, rows);
  }

  std::vector<double> row(FileKind kind, const std::vector<std::string>& sources,
                          const std::vector<const Known*>& known, UtcTime t) {
    const PathState state = path_.at(strand_.key.direction, t);
    const Values values{state, kPacketsAMinute};
    std::vector<double> row;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      double v = kUnknown;
      if (sources[i] == "n")
        v = state.measured ? 1 : 0;
      else if (!state.measured)
        v = kUnknown;
      else if (sources[i] == "w0")
        v = values.n;
      else if (sources[i] == "w1")
        v = values.received();
      else if (sources[i] == "bound")
        v = to_seconds(kBound);
      else
        v = known[i]->value(values) * weight(kind, *known[i]->metric, values);
      row.push_back(v);
    }
    return row;
  }

  static double weight(FileKind kind, const Metric& metric, const Values& values) {
    if (kind != FileKind::sums) return 1;
    if (combining_of(metric) == Combining::by_measured) return values.n;
    return combining_of(metric) == Combining::by_received ? values.received() : 1;
  }

  void histograms(Duration tier, UtcTime from, UtcTime to, Duration width) {
    const auto minutes = static_cast<std::uint64_t>(width / 1min);
    // A distribution of fewer packets has the same percentiles, and fewer octets.
    const std::uint64_t packets = year_.full_year ? kPacketsAMinute * std::min<std::uint64_t>(minutes, 60) : 150;
    for (UtcTime t = from; t + width <= to; t += width) {
      const PathState state = path_.at(strand_.key.direction, t);
      if (!state.measured) continue;
      HistogramRow row{t, kPacketsAMinute * minutes, 0, false, {}};
      row.lost = static_cast<std::uint64_t>(std::nearbyint(static_cast<double>(row.sent) * state.loss));
      Histograms::put_encoded(journal_, strand_.id, tier, row,
                              templates_.at(state.base_s + state.clock_error_s, state.queue_s, packets));
    }
    if (tier > 0s) Histograms::set_until(journal_, strand_.id, tier, to);
  }

  const GeneratedYear& year_;
  Journal& journal_;
  SeriesFiles& files_;
  Names& names_;
  const Strand& strand_;
  const GeneratedPath& path_;
  Templates& templates_;
};

void write_series(const GeneratedYear& year, const ArchiveOptions& options, const std::vector<GeneratedPath>& paths,
                  UtcTime end, Templates& templates) {
  Names names;
  Strands strands(names);
  SeriesFiles files(options.directory);
  Journal journal = open_journal(options);
  journal.execute("PRAGMA synchronous = OFF");
  for (const GeneratedPath& path : paths) {
    for (const UtcTime t : {end - kYear, end - 1min}) strands.note(result_of(path, t, templates));
    for (const Strand& strand : strands.of_test(path.id()))
      for (const Known& known : kKnown) strands.place(strand.key, known.metric->key, 1);
    Journal::Transaction transaction(journal);
    for (const Strand& strand : strands.of_test(path.id()))
      StrandWriter(year, journal, files, names, strand, path, templates)
          .write(end - kYear, year.full_year ? end - kYear : align_down(end - kDay, 1h), end);
    strands.write(journal);
    write_names(journal, names);
    set_mark(journal, "believed", end.time_since_epoch().count());
    transaction.commit();
    strands.written();
  }
  sync_disk(options.directory);
}

void write_recent(const ArchiveOptions& options, const std::vector<GeneratedPath>& paths, UtcTime from, UtcTime end,
                  Templates& templates) {
  const StandingClock clock(end);
  const auto archive = open_archive(options, clock);
  for (UtcTime t = from; t + 1min <= end; t += 1min)
    for (const GeneratedPath& path : paths)
      while (!archive->store(result_of(path, t, templates))) archive->flush();
  for (const GeneratedPath& path : paths)
    for (const auto& [time, sentence] : path.route_changes())
      archive->store_event({"", time, "route_change", path.id(), sentence});
  if (!paths.empty())
    archive->store_event({"", paths[0].clock_step(), "clock_step", "",
                          "The clock of this node was 3 ms off for an hour, until chrony stepped it."});
  archive->flush();
}

void write_cases(const GeneratedYear& year) {
  std::ofstream out(year.data / "cases.json");
  out << "[";
  const char* comma = "\n";
  for (const PreparedCase& c : prepared_cases(year.end)) {
    out << comma << "  {\"test\": \"" << GeneratedPath(c.path, year.end, true).id() << "\", \"what\": \"" << c.what
        << "\", \"where\": \"" << c.where << "\", \"since\": \"" << format_utc(c.since, 0) << "\"}";
    comma = ",\n";
  }
  out << "\n]\n";
}

}  // namespace

void generate(const GeneratedYear& year) {
  const ArchiveOptions options{.directory = year.data / "archive"};
  if (std::filesystem::exists(options.directory)) throw Error(options.directory.string() + " is there already");
  std::filesystem::create_directories(options.directory);
  std::vector<GeneratedPath> paths;
  for (int i = 0; i < year.paths; ++i) paths.emplace_back(i, year.end, year.cases);
  Templates templates;
  const UtcTime recent = align_down(year.end, 1h);
  write_series(year, options, paths, recent, templates);
  write_recent(options, paths, recent, align_down(year.end, 1min), templates);
  if (year.cases) write_cases(year);
}

}  // namespace sonde::test
