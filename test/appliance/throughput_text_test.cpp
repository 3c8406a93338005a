#include "appliance/throughput_text.h"

#include <catch2/catch.hpp>

#include "appliance/result_text.h"
#include "probes/throughput/metrics.h"

using namespace sonde;
namespace own = sonde::throughput::own;

namespace {

Result result_with(const std::vector<std::tuple<const Metric*, Direction, double>>& values) {
  Result result;
  result.probe = "throughput";
  for (const auto& [metric, direction, value] : values)
    result.statistics.push_back(
        {.metric = metric, .direction = direction, .value = value, .basis = Basis::exact_count});
  return result;
}

constexpr Direction kThere = Direction::forward, kBack = Direction::reverse, kBoth = Direction::round_trip;

}  // namespace

TEST_CASE("a TCP run is told with octets, what was sent again, the load's delay and the limit") {
  Result result = result_with({{&own::rate, kThere, 9.41e8},
                               {&own::octets_sent, kThere, 3'529'637'888.0},
                               {&own::octets_received, kThere, 3'529'637'888.0},
                               {&own::retransmits, kThere, 12},
                               {&own::latency_idle, kBoth, 0.0132},
                               {&own::latency_loaded, kBoth, 0.0451},
                               {&own::latency_added, kBoth, 0.0319}});
  result.parameters["limit"] = "The path was the limit.";
  CHECK(throughput_lines(result) ==
        "There: 941 Mbit/s; 3,529,637,888 octets sent, 3,529,637,888 received, 12 segments sent again.\n"
        "Latency under load: 13.2 ms idle, 45.1 ms loaded; the load adds 31.9 ms.\n"
        "The path was the limit.\n");
  CHECK(describe(result, "achievable throughput").find("12 segments sent again") != std::string::npos);
}

TEST_CASE("a UDP run counts its datagrams, and a latency that is not known says why") {
  Result result = result_with({{&own::rate, kBack, 8e6},
                               {&own::octets_sent, kBack, 600'000},
                               {&own::octets_received, kBack, 593'000},
                               {&metric::sent, kBack, 600},
                               {&metric::lost, kBack, 7},
                               {&metric::loss_ratio, kBack, 7.0 / 600}});
  result.statistics.push_back({.metric = &own::latency_added, .direction = kBoth, .why = "the peer answered no ping"});
  CHECK(throughput_lines(result) ==
        "Back: 8.00 Mbit/s; 600,000 octets sent, 593,000 received, 7 of 600 datagrams lost (1.17 %).\n"
        "Latency under load: not known, because the peer answered no ping.\n");
}

TEST_CASE("a load that adds no delay adds nothing, and a run that moved nothing has no lines") {
  const Result faster = result_with({{&own::rate, kThere, 1e9},
                                     {&own::latency_idle, kBoth, 3e-4},
                                     {&own::latency_loaded, kBoth, 2e-4},
                                     {&own::latency_added, kBoth, -1e-4}});
  CHECK(throughput_lines(faster) ==
        "There: 1.00 Gbit/s.\nLatency under load: 300 µs idle, 200 µs loaded; the load adds nothing.\n");
  CHECK(throughput_lines(Result{}).empty());
}
