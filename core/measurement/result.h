#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/measurement/metric.h"
#include "core/measurement/route.h"
#include "core/net/network.h"

namespace sonde {

/// forward = from here to the peer; reverse = from the peer to here; local = about this node itself.
enum class Direction : std::uint8_t { none, forward, reverse, round_trip, local };
std::string_view to_string(Direction direction);  ///< "forward", "reverse", "round_trip", "local", "none"
std::optional<Direction> direction_from(std::string_view text);

/// What the interval of a statistic stands on.
enum class Basis : std::uint8_t { none, exact_count, sampling, clock_bound, sampling_and_clock };
std::string_view to_string(Basis basis);

/// low <= true value <= high, as far as the basis goes; either end may be unbounded.
struct Interval {
  std::optional<double> low, high;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// RFC 2330's third step. A value that is undefined is empty, never zero; `why` then says so in a phrase.
struct Statistic {
  const Metric* metric = nullptr;
  Direction direction = Direction::none;
  std::string subject;          ///< which of many: an interface's name, a hop; mostly empty
  std::optional<double> value;  ///< in the metric's unit
  Interval interval;
  Basis basis = Basis::none;
  std::string why;
};

struct Counts {
  std::uint64_t sent = 0, received = 0, lost = 0, duplicated = 0, reordered = 0;
  std::uint64_t dropped_here = 0;  ///< came but fell from our own socket: not measured, never loss
  std::uint64_t sent_late = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
};

/// Widths grow with the distance from the base: 1 µs up to 1 ms, at most 1 % beyond. See core/statistics.
struct HistogramBin {
  std::int64_t low_ns = 0, high_ns = 0;  ///< absolute delay, half open; may be negative
  std::uint64_t count = 0;
};

/// One singleton as sent and received; kept for 24 h, exported as raw data.
struct PacketRecord {
  std::uint32_t sequence = 0;
  UtcTime scheduled{};
  UtcTime sent{};  ///< by the sender's clock; = scheduled where the packet is lost and its stamp with it
  std::optional<UtcTime>
      received;                ///< by the receiver's clock; empty = lost. A later record of the same number = duplicate
  std::uint8_t hop_limit = 0;  ///< 0 = unknown
};

/// What was measured in one direction: counts, statistics, histogram and the packets behind them.
struct DirectionResult {
  Direction direction = Direction::none;
  Counts counts;
  Bytes histogram;  ///< coded by core/statistics/delay_histogram; empty = none
  std::vector<PacketRecord> packets;
};

/// One second or so of a saturating test: what moved in one direction, over all its streams.
struct IntervalSample {
  Duration begin{}, end{};  ///< since the data began to move
  Direction direction = Direction::none;
  bool omitted = false;  ///< counts in no statistic
  std::uint64_t octets = 0;
  std::optional<std::uint64_t> lost, retransmits;  ///< where this end can tell
  std::optional<Duration> round_trip;              ///< TCP's own, mean of the streams
  std::optional<std::uint64_t> window_octets;      ///< congestion windows together
  friend bool operator==(const IntervalSample&, const IntervalSample&) = default;
};

/// This node's own condition during the run: answers "is it me or the network?".
struct OwnHealth {
  std::optional<Duration> slip_p99;
  std::uint64_t socket_drops = 0;
  std::optional<double> cpu_steal;  ///< share
  bool clock_stepped = false;
  bool own_heavy_test = false;  ///< a saturating test (own or inbound) ran at the same time
};

/// busy: the peer had a heavy test with others; the run is tried again. Between probe and scheduler only, never stored.
enum class Outcome : std::uint8_t { done, failed, skipped, refused, busy };
std::string_view to_string(Outcome outcome);
std::optional<Outcome> outcome_from(std::string_view text);

/// The outcome of one run, or of one closed minute of a continuous test. A plain value.
struct Result {
  std::string id;    ///< 26 characters (UTC and random); made by the node; unique for ever
  std::string test;  ///< TestSpec::id
  std::uint32_t revision = 1;
  std::string run;
  std::string probe;        ///< ProbeType::name
  UtcTime begin{}, end{};   ///< of the scheduled times covered, begin aligned for continuous tests
  bool continuous = false;  ///< one closed, aligned step of a continuous or polled test: goes to RRD
  Duration step{};          ///< of a continuous or polled test, else zero
  bool late = false;        ///< records of the step came after it had been closed: kept beside the series
  Outcome outcome = Outcome::done;
  std::string sentence;  ///< what happened, for a person; never empty unless done and unremarkable
  bool time_in_doubt = false;
  bool own_clocks_only = false;  ///< both ends are this host: "same clock"
  ClockQuality local_clock, remote_clock;
  StampSource stamp = StampSource::none;
  IpAddress local_address, remote_address;
  std::vector<Statistic> statistics;
  std::vector<DirectionResult> directions;
  std::vector<IntervalSample> intervals;  ///< of a saturating test
  OwnHealth health;
  std::map<std::string, std::string> parameters;  ///< as used: count, interval, size, loss threshold, ...
  std::optional<TracedRoute> route;               ///< stored only where it shows something new
  std::vector<LogLine> log;                       ///< at most 200 lines
};

}  // namespace sonde
