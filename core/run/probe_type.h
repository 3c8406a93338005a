#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/base/log.h"
#include "core/base/random.h"
#include "core/measurement/metric.h"
#include "core/measurement/result.h"
#include "core/measurement/test_spec.h"
#include "core/run/session.h"

namespace sonde {

enum class OptionKind : std::uint8_t { integer, number, duration, text, choice, flag };

/// One option of a probe: form field, command-line flag, configuration word and check in one.
struct OptionSpec {
  std::string_view name;     ///< [a-z_]
  std::string_view summary;  ///< one sentence
  OptionKind kind = OptionKind::integer;
  std::string_view unit;       ///< "packets", "octets", "" for durations (they carry their own)
  std::string_view standard;   ///< default as text
  double least = 0, most = 0;  ///< of integer and number; of duration in seconds; of text: length
  std::string_view choices;    ///< of choice: "a|b|c"
  bool identity = false;       ///< a change begins a new revision (step, Type-P, loss threshold)
  bool advanced = false;
};
/// Empty when `text` is allowed, else a sentence naming option, value and what is allowed.
std::string check_option(const OptionSpec& spec, std::string_view text);

/// What one test takes from node, network and disk: the cost line, known before it is saved.
struct Cost {
  double packets_per_second = 0;  ///< both directions, mean over the day
  double wire_bps = 0;            ///< with IP and UDP or ICMP headers
  double results_per_day = 0;
  double packet_records_per_day = 0;
  int series = 0;           ///< metric and direction pairs kept as aligned series
  double slot_seconds = 0;  ///< of a saturating probe: how long one run holds the slot, set-up and all
};

enum class Footprint : std::uint8_t { light, saturating };

/// One run that is to happen: the spec, where its peer is, and who wants it.
struct RunOrder {
  TestSpec spec;
  std::string run;   ///< run id
  IpAddress target;  ///< resolved; unspecified for probes about this node
  std::string target_name;
  std::optional<std::uint16_t> port;  ///< instead of the probe's own
  UtcTime planned{};
  std::string requester;  ///< "schedule", "web: alice", "command line"
  int port_offset = 0;    ///< added to the probe's well-known port where `port` is empty
};

/// What a run may use. Lives longer than the run. `report` and `progress` may be called from the run's thread.
struct ProbeContext {
  const Clock& clock;
  Network& network;  ///< of the loop the session runs on
  Random& random;    ///< of that loop
  Log log;
  std::pair<std::uint16_t, std::uint16_t> test_ports{8760, 8960};  ///< UDP ports that a test may use, both ends
  std::function<void(Result)> report;
  /// While it runs: share done (0..1, negative = unknown) and a phrase.
  std::function<void(double, std::string)> progress = [](double, std::string) {};
  /// The clock probe alone: hand what vouches for the clock to the node.
  std::function<void(ClockQuality)> vouch = [](ClockQuality) {};
  /// While it runs: what is known so far of a step that is not yet closed. Shown, never stored; a later call about the
  /// same run and `begin`, and at last report(), takes its place.
  std::function<void(Result)> live = [](Result) {};
};

/// Everything the house knows about one kind of probe. Archive, graphs, forms and help follow from it.
struct ProbeType {
  std::string_view name;            ///< = folder = namespace = word in the configuration
  std::string_view title;           ///< "one-way delay"
  std::string_view summary;         ///< one sentence
  std::span<const Metric> metrics;  ///< its own, beside the standard ones
  std::span<const OptionSpec> options;
  Footprint footprint = Footprint::light;
  bool needs_peer = true;
  bool two_directions = false;  ///< results in forward and reverse, else round trip or local
  Schedule standard_schedule;
  std::uint16_t well_known_port = 0;  ///< 0 = none
  Cost (*cost)(const TestSpec&) = nullptr;
  // exactly one of the two:
  SessionPtr (*open)(const RunOrder&, ProbeContext&) = nullptr;            ///< on a PacketLoop
  void (*run)(const RunOrder&, ProbeContext&, std::stop_token) = nullptr;  ///< blocking, on its own thread
};

/// The option's value or its default, as text.
std::string option(const ProbeType& type, const TestSpec& spec, std::string_view name);
std::int64_t integer_option(const ProbeType& type, const TestSpec& spec, std::string_view name);
double number_option(const ProbeType& type, const TestSpec& spec, std::string_view name);
Duration duration_option(const ProbeType& type, const TestSpec& spec, std::string_view name);
const Metric* find_metric(const ProbeType& type, std::string_view key);

}  // namespace sonde
