#pragma once

#include <array>

#include "core/run/probe_type.h"

namespace sonde::test {

/// Two probes that measure nothing: "echo" needs a peer and has an option of each kind, "self" is about this node.
inline constexpr std::array<OptionSpec, 6> kEchoOptions{{
    {.name = "count",
     .summary = "Packets of a run.",
     .kind = OptionKind::integer,
     .unit = "packets",
     .standard = "10",
     .least = 1,
     .most = 1000},
    {.name = "rate",
     .summary = "Mean rate.",
     .kind = OptionKind::number,
     .unit = "packets/s",
     .standard = "1",
     .least = 0.1,
     .most = 100},
    {.name = "loss_threshold",
     .summary = "Later is lost.",
     .kind = OptionKind::duration,
     .standard = "10 s",
     .least = 0.1,
     .most = 60,
     .identity = true},
    {.name = "pattern",
     .summary = "How packets are spaced.",
     .kind = OptionKind::choice,
     .standard = "poisson",
     .choices = "poisson|periodic"},
    {.name = "raw", .summary = "Keep packets.", .kind = OptionKind::flag, .standard = "yes"},
    {.name = "note", .summary = "Free words.", .kind = OptionKind::text, .standard = "", .most = 20},
}};

inline Cost echo_cost(const TestSpec&) {
  return {
      .packets_per_second = 2, .wire_bps = 1600, .results_per_day = 288, .packet_records_per_day = 2880, .series = 12};
}

inline const ProbeType& echo_probe() {
  static const ProbeType type{.name = "echo",
                              .title = "round-trip delay",
                              .summary = "Sends packets and waits for them.",
                              .options = kEchoOptions,
                              .needs_peer = true,
                              .standard_schedule = {.kind = Schedule::Kind::every, .period = std::chrono::minutes(5)},
                              .well_known_port = 7,
                              .cost = echo_cost};
  return type;
}

inline const ProbeType& self_probe() {
  static const ProbeType type{
      .name = "self",
      .title = "own state",
      .summary = "Reads this node.",
      .needs_peer = false,
      .standard_schedule = {.kind = Schedule::Kind::continuous, .period = std::chrono::seconds(10)},
      .cost = echo_cost};
  return type;
}

/// Takes the slot for 40 s a run, and 1 MB of the wire.
inline const ProbeType& heavy_probe() {
  static const ProbeType type{
      .name = "heavy",
      .title = "throughput",
      .summary = "Fills the path.",
      .footprint = Footprint::saturating,
      .needs_peer = true,
      .standard_schedule = {.kind = Schedule::Kind::every,
                            .period = std::chrono::hours(2),
                            .spread = std::chrono::minutes(10)},
      .cost = [](const TestSpec& spec) {
        const double a_day = runs_per_day(spec.schedule);
        return Cost{.wire_bps = a_day * 8e6 / 86'400, .results_per_day = a_day, .series = 2, .slot_seconds = 40};
      }};
  return type;
}

inline std::span<const ProbeType* const> fake_probes() {
  static const std::array<const ProbeType*, 2> all{&echo_probe(), &self_probe()};
  return all;
}

inline std::span<const ProbeType* const> fake_probes_and_heavy() {
  static const std::array<const ProbeType*, 3> all{&echo_probe(), &self_probe(), &heavy_probe()};
  return all;
}

}  // namespace sonde::test
