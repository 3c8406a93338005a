#include "core/archive/result_coding.h"

#include <cmath>
#include <mutex>

#include "core/archive/coding.h"
#include "core/archive/route_coding.h"

namespace sonde {
namespace {

constexpr std::uint8_t kVersion = 1;

// Flags of a body, in one number.
constexpr std::uint64_t kContinuous = 1, kLate = 2, kInDoubt = 4, kOwnClocks = 8, kClockStepped = 16, kHeavy = 32,
                        kSlip = 64, kSteal = 128, kRoute = 256, kIntervals = 512;

/// How a real is written: most are whole counts or whole nanoseconds, and those are short.
enum Form : std::uint8_t { kAbsent, kWhole, kNanoseconds, kReal };
constexpr double kExact = 9007199254740992.0;  // 2^53

Form form_of(const std::optional<double>& value) {
  if (!value) return kAbsent;
  if (!(std::abs(*value) < kExact)) return kReal;
  if (*value == std::trunc(*value) && !(*value == 0 && std::signbit(*value))) return kWhole;
  const double nanoseconds = std::nearbyint(*value * 1e9);
  return std::abs(nanoseconds) < kExact && nanoseconds != 0 && nanoseconds / 1e9 == *value ? kNanoseconds : kReal;
}

void put(CodingWriter& out, Form form, const std::optional<double>& value) {
  if (form == kWhole) out.whole(static_cast<std::int64_t>(*value));
  if (form == kNanoseconds) out.whole(static_cast<std::int64_t>(std::nearbyint(*value * 1e9)));
  if (form == kReal) out.real(*value);
}

std::optional<double> get(CodingReader& in, unsigned form) {
  switch (form & 3) {
    case kWhole:
      return static_cast<double>(in.whole());
    case kNanoseconds:
      return static_cast<double>(in.whole()) / 1e9;
    case kReal:
      return in.real();
    default:
      return std::nullopt;
  }
}

constexpr std::uint8_t kHasSubject = 0x40, kHasWhy = 0x80;

void put(CodingWriter& out, const Statistic& s, Names& names) {
  out.octet(static_cast<std::uint8_t>(s.direction) | static_cast<std::uint8_t>(s.basis) << 3 |
            (s.subject.empty() ? 0 : kHasSubject) | (s.why.empty() ? 0 : kHasWhy));
  out.number(names.id_of(*s.metric));
  if (!s.subject.empty()) out.text(s.subject);
  if (!s.why.empty()) out.text(s.why);
  const Form value = form_of(s.value), low = form_of(s.interval.low), high = form_of(s.interval.high);
  out.octet(value | low << 2 | high << 4);
  put(out, value, s.value);
  put(out, low, s.interval.low);
  put(out, high, s.interval.high);
}

/// A metric whose probe is gone keeps its key. Made once for each key, for ever.
const Metric* forgotten_metric(std::string_view key) {
  static std::mutex mutex;
  static std::map<std::string, Metric, std::less<>> known;
  const std::scoped_lock lock(mutex);
  auto found = known.find(key);
  if (found == known.end()) {
    found = known.emplace(std::string(key), Metric{}).first;
    found->second.key = found->second.title = found->first;
  }
  return &found->second;
}

/// The fixed part of a coded statistic; the metric stays a number.
struct CodedStatistic {
  unsigned direction = 0, basis = 0;
  Names::Id metric = 0;
  std::string subject, why;
  CodedValue coded;
};

bool get(CodingReader& in, CodedStatistic& s) {
  const unsigned head = in.octet();
  s.direction = head & 7;
  s.basis = head >> 3 & 7;
  s.metric = static_cast<Names::Id>(in.number());
  s.subject = head & kHasSubject ? in.text() : std::string{};
  s.why = head & kHasWhy ? in.text() : std::string{};
  const unsigned forms = in.octet();
  s.coded.value = get(in, forms);
  s.coded.interval.low = get(in, forms >> 2);
  s.coded.interval.high = get(in, forms >> 4);
  return in.ok() && s.direction <= static_cast<unsigned>(Direction::local) &&
         s.basis <= static_cast<unsigned>(Basis::sampling_and_clock);
}

void put(CodingWriter& out, const ClockQuality& q) {
  out.octet((q.bound ? 1 : 0) | (q.synchronised ? 2 : 0) | (q.believed ? 4 : 0));
  if (q.bound) out.whole(q.bound->count());
  out.text(q.source);
}

ClockQuality get_quality(CodingReader& in) {
  ClockQuality q;
  const unsigned head = in.octet();
  if (head & 1) q.bound = Duration{in.whole()};
  q.synchronised = head & 2;
  q.believed = head & 4;
  q.source = in.text();
  return q;
}

void put(CodingWriter& out, const DirectionResult& d) {
  const Counts& c = d.counts;
  out.octet(static_cast<std::uint8_t>(d.direction));
  for (const auto n : {c.sent, c.received, c.lost, c.duplicated, c.reordered, c.dropped_here, c.sent_late})
    out.number(n);
  out.bytes(d.histogram);
}

std::optional<DirectionResult> get_direction(CodingReader& in) {
  DirectionResult d;
  const unsigned direction = in.octet();
  if (direction > static_cast<unsigned>(Direction::local)) return std::nullopt;
  d.direction = static_cast<Direction>(direction);
  Counts& c = d.counts;
  for (auto* n : {&c.sent, &c.received, &c.lost, &c.duplicated, &c.reordered, &c.dropped_here, &c.sent_late})
    *n = in.number();
  const auto histogram = in.bytes();
  d.histogram.assign(histogram.begin(), histogram.end());
  return d;
}

// Of an interval, in one number beside its direction.
constexpr std::uint64_t kOmitted = 1, kLost = 2, kRetransmits = 4, kRoundTrip = 8, kWindow = 16;

void put(CodingWriter& out, const std::vector<IntervalSample>& intervals) {
  out.number(intervals.size());
  for (const IntervalSample& i : intervals) {
    out.octet(static_cast<std::uint8_t>(i.direction));
    out.number((i.omitted ? kOmitted : 0) | (i.lost ? kLost : 0) | (i.retransmits ? kRetransmits : 0) |
               (i.round_trip ? kRoundTrip : 0) | (i.window_octets ? kWindow : 0));
    out.whole(i.begin.count());
    out.whole((i.end - i.begin).count());
    out.number(i.octets);
    for (const auto& one : {i.lost, i.retransmits, i.window_octets})
      if (one) out.number(*one);
    if (i.round_trip) out.whole(i.round_trip->count());
  }
}

std::vector<IntervalSample> get_intervals(CodingReader& in) {
  std::vector<IntervalSample> intervals;
  for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
    IntervalSample i;
    i.direction =
        static_cast<Direction>(std::min<std::uint8_t>(in.octet(), static_cast<std::uint8_t>(Direction::local)));
    const std::uint64_t flags = in.number();
    i.omitted = flags & kOmitted;
    i.begin = Duration{in.whole()};
    i.end = Duration{static_cast<Duration::rep>(static_cast<std::uint64_t>(i.begin.count()) +
                                                static_cast<std::uint64_t>(in.whole()))};
    i.octets = in.number();
    if (flags & kLost) i.lost = in.number();
    if (flags & kRetransmits) i.retransmits = in.number();
    if (flags & kWindow) i.window_octets = in.number();
    if (flags & kRoundTrip) i.round_trip = Duration{in.whole()};
    intervals.push_back(i);
  }
  return intervals;
}

std::uint64_t flags_of(const Result& r) {
  return (r.continuous ? kContinuous : 0) | (r.late ? kLate : 0) | (r.time_in_doubt ? kInDoubt : 0) |
         (r.own_clocks_only ? kOwnClocks : 0) | (r.health.clock_stepped ? kClockStepped : 0) |
         (r.health.own_heavy_test ? kHeavy : 0) | (r.health.slip_p99 ? kSlip : 0) | (r.health.cpu_steal ? kSteal : 0) |
         (r.route ? kRoute : 0) | (r.intervals.empty() ? 0 : kIntervals);
}

void put_rest(CodingWriter& out, const Result& r, Names& names) {
  out.number(flags_of(r));
  out.number(names.id_of(r.probe));
  out.text(r.run);
  out.text(r.sentence);
  out.whole(r.step.count());
  put(out, r.local_clock);
  put(out, r.remote_clock);
  out.octet(static_cast<std::uint8_t>(r.stamp));
  put_address(out, r.local_address);
  put_address(out, r.remote_address);
  if (r.health.slip_p99) out.whole(r.health.slip_p99->count());
  out.number(r.health.socket_drops);
  if (r.health.cpu_steal) out.real(*r.health.cpu_steal);
  out.number(r.parameters.size());
  for (const auto& [key, value] : r.parameters) {
    out.number(names.id_of(key));
    out.text(value);
  }
  if (r.route) put_route(out, *r.route);
  if (!r.intervals.empty()) put(out, r.intervals);
}

bool get_rest(CodingReader& in, Result& r, const Names& names) {
  const std::uint64_t flags = in.number();
  r.continuous = flags & kContinuous;
  r.late = flags & kLate;
  r.time_in_doubt = flags & kInDoubt;
  r.own_clocks_only = flags & kOwnClocks;
  r.health.clock_stepped = flags & kClockStepped;
  r.health.own_heavy_test = flags & kHeavy;
  r.probe = names.word(static_cast<Names::Id>(in.number()));
  r.run = in.text();
  r.sentence = in.text();
  r.step = Duration{in.whole()};
  r.local_clock = get_quality(in);
  r.remote_clock = get_quality(in);
  const unsigned stamp = in.octet();
  if (stamp > static_cast<unsigned>(StampSource::hardware)) return false;
  r.stamp = static_cast<StampSource>(stamp);
  r.local_address = get_address(in);
  r.remote_address = get_address(in);
  if (flags & kSlip) r.health.slip_p99 = Duration{in.whole()};
  r.health.socket_drops = in.number();
  if (flags & kSteal) r.health.cpu_steal = in.real();
  for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
    const auto key = names.word(static_cast<Names::Id>(in.number()));
    r.parameters.emplace(key, in.text());
  }
  if (flags & kRoute) {
    r.route = get_route(in);
    if (!r.route) return false;
  }
  if (flags & kIntervals) r.intervals = get_intervals(in);
  return in.at_end();
}

}  // namespace

Bytes encode_result(const Result& result, Names& names) {
  CodingWriter out;
  out.reserve(256 + 16 * result.statistics.size());
  out.octet(kVersion);
  out.number(result.statistics.size());
  for (const Statistic& s : result.statistics) put(out, s, names);
  out.number(result.directions.size());
  for (const DirectionResult& d : result.directions) put(out, d);
  put_rest(out, result, names);
  return out.take();
}

std::optional<Result> decode_result(std::span<const std::byte> body, const Names& names, const MetricFinder& find) {
  CodingReader in(body);
  if (in.octet() != kVersion) return std::nullopt;
  Result result;
  std::vector<Names::Id> metrics;
  for (std::size_t n = in.count(); n > 0; --n) {
    CodedStatistic s;
    if (!get(in, s)) return std::nullopt;
    metrics.push_back(s.metric);
    result.statistics.push_back({nullptr, static_cast<Direction>(s.direction), std::move(s.subject), s.coded.value,
                                 s.coded.interval, static_cast<Basis>(s.basis), std::move(s.why)});
  }
  for (std::size_t n = in.count(); n > 0; --n) {
    auto direction = get_direction(in);
    if (!direction || !in.ok()) return std::nullopt;
    result.directions.push_back(std::move(*direction));
  }
  if (!get_rest(in, result, names)) return std::nullopt;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const std::string_view key = names.word(metrics[i]);
    const Metric* metric = find ? find(result.probe, key) : find_standard_metric(key);
    result.statistics[i].metric = metric != nullptr ? metric : forgotten_metric(key);
  }
  return result;
}

std::optional<CodedValue> find_coded_value(std::span<const std::byte> body, Names::Id metric, Direction direction,
                                           std::string_view subject) {
  CodingReader in(body);
  if (in.octet() != kVersion) return std::nullopt;
  std::optional<CodedValue> found;
  CodedStatistic s;
  for (std::size_t n = in.count(); n > 0 && get(in, s); --n)
    if (s.metric == metric && s.direction == static_cast<unsigned>(direction) && s.subject == subject) found = s.coded;
  if (!found || !subject.empty()) return found;
  for (std::size_t n = in.count(); n > 0; --n) {
    const auto d = get_direction(in);
    if (!d || !in.ok()) break;
    if (d->direction == direction) found->counts = d->counts;
  }
  return found;
}

}  // namespace sonde
