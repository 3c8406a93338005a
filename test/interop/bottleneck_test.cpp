// Throughput and latency under load over a real bottleneck, against what the path did with the packets.
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "test/probes/throughput/real_ends.h"
#include "test/support/path_emulator.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kPort = 5301;
constexpr double kRate = 20e6;  ///< bit/s of whole IP packets
constexpr int kQueue = 100;     ///< packets: 60 ms of 1500 octets; senders that wait for a core must not let it run dry
constexpr double kThroughput = 0.01, kLatency = 0.05;

PathOptions bottleneck() { return {.delay = 5ms, .rate_bps = kRate, .queue_packets = kQueue}; }
PathOptions wide() { return {.delay = 5ms}; }

/// The calling thread and those that it makes run before everything that is not as urgent: other tests' work would
/// leave the bottleneck idle, and then its rate is not the truth.
void hurry() {
  const sched_param priority{10};
  ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &priority);
}

struct Measured {
  Result result;
  std::vector<PathRecord> path;
};

Measured measure(const PathOptions& there, const PathOptions& back, Options options) {
  PathEmulator path(there, back);
  std::unique_ptr<RealServer> server;
  path.b().run([&] {
    hurry();
    server = std::make_unique<RealServer>(Endpoint{IpAddress::any(Family::v4), kPort}, RealServer::everything());
  });
  REQUIRE(server->error().empty());
  options.try_emplace("duration", "8s");
  options["latency"] = "yes";
  Measured measured;
  path.a().run([&] {
    hurry();
    measured.result = run_client(*IpAddress::parse("10.99.0.2"), kPort, options).result;
  });
  measured.path = path.records();
  INFO(measured.result.sentence);
  REQUIRE(measured.result.outcome == Outcome::done);
  return measured;
}

const Statistic& told(const Result& result, std::string_view key, Direction direction) {
  const auto found = std::ranges::find_if(
      result.statistics, [&](const Statistic& one) { return one.metric->key == key && one.direction == direction; });
  REQUIRE(found != result.statistics.end());
  INFO(key << ": " << found->why);
  REQUIRE(found->value);
  return *found;
}

double told_latency(const Result& result, std::string_view which) {
  return *told(result, std::string("throughput.latency_") += which, Direction::round_trip).value;
}

/// Sequence number of an echo; requests and their answers have the same. IPv4's header lies before it.
int echo_number(const PathRecord& record) {
  return std::to_integer<int>(record.head[6]) << 8 | std::to_integer<int>(record.head[7]);
}

/// Medians of what the path kept the pings for on both ways together, seconds: while nothing else was on it, and under
/// load, without the load's first `omit`.
struct Kept {
  double idle = 0, loaded = 0;
};
Kept kept_by_path(const std::vector<PathRecord>& path, Duration omit) {
  constexpr int kIcmp = 1, kTcp = 6;
  std::map<int, std::int64_t> there;
  std::vector<double> idle, loaded;
  // The control connection comes first, the data right behind it.
  const auto data = std::ranges::find(path, kTcp, &PathRecord::protocol);
  REQUIRE(data != path.end());
  const std::int64_t begun = data->entered_ns, counts = begun + omit.count() + 200'000'000;
  for (const PathRecord& r : path) {
    if (r.protocol != kIcmp || r.left_ns == 0) continue;
    if (r.there) {
      there[echo_number(r)] = r.entered_ns;
      continue;
    }
    const auto request = there.find(echo_number(r));
    if (request == there.end()) continue;
    const double kept = static_cast<double>(r.left_ns - request->second) / 1e9;
    if (request->second < begun)
      idle.push_back(kept);
    else if (request->second >= counts)
      loaded.push_back(kept);
  }
  const auto median = [](std::vector<double>& values) {
    REQUIRE(values.size() >= 10);
    std::ranges::sort(values);
    return values[(values.size() - 1) / 2];
  };
  return {median(idle), median(loaded)};
}

/// Share of the datagrams towards the server.
double lost_by_path(const std::vector<PathRecord>& path) {
  constexpr int kUdp = 17;
  const auto data = [](const PathRecord& r) { return r.there && r.protocol == kUdp && r.to_port == kPort; };
  const auto sent = std::ranges::count_if(path, data);
  const auto lost = std::ranges::count_if(path, [&](const PathRecord& r) { return data(r) && r.left_ns == 0; });
  REQUIRE(sent > 0);
  return static_cast<double>(lost) / static_cast<double>(sent);
}

bool skipped() {
  const auto why = why_no_namespaces();
  if (why) WARN(*why);
  return why.has_value();
}

/// Of the rate, what is left for data when each packet of `packet` octets carries `payload`.
double share(double payload, double packet) { return kRate * payload / packet; }

constexpr double kFullQueue = (kQueue + 1) * 1500 * 8 / kRate;  ///< seconds: those that wait and the one being sent

}  // namespace

TEST_CASE("TCP through a bottleneck, there and back: its rate to 1 %, the delay of its queue to 5 %", "[slow]") {
  if (skipped()) return;
  const auto [direction, way] =
      GENERATE(table<const char*, Direction>({{"forward", Direction::forward}, {"reverse", Direction::reverse}}));
  INFO(direction);
  const bool forward = way == Direction::forward;
  const auto [result, path] = measure(forward ? bottleneck() : wide(), forward ? wide() : bottleneck(),
                                      {{"direction", direction}, {"congestion", "cubic"}, {"omit", "2s"}});
  CHECK(*told(result, "throughput.rate", way).value == Approx(share(1448, 1500)).epsilon(kThroughput));
  const Kept truth = kept_by_path(path, 2s);
  CHECK(told_latency(result, "idle") == Approx(truth.idle).epsilon(kLatency));
  CHECK(told_latency(result, "loaded") == Approx(truth.loaded).epsilon(kLatency));
  CHECK(told_latency(result, "added") == Approx(truth.loaded - truth.idle).epsilon(kLatency));
  CHECK(told_latency(result, "added") > kFullQueue / 2);
  CHECK(told_latency(result, "added") < kFullQueue * (1 + kLatency));
}

TEST_CASE("UDP at four times the rate of a bottleneck: its rate to 1 %, the loss, and the whole queue to 5 %",
          "[slow]") {
  if (skipped()) return;
  const auto [result, path] =
      measure(bottleneck(), wide(), {{"protocol", "udp"}, {"rate", "80e6"}, {"length", "1472"}, {"omit", "1s"}});
  CHECK(*told(result, "throughput.rate", Direction::forward).value == Approx(share(1472, 1500)).epsilon(kThroughput));
  CHECK(told_latency(result, "added") == Approx(kFullQueue).epsilon(kLatency));
  const Statistic& loss = told(result, "loss.ratio", Direction::forward);
  CHECK(*loss.value == Approx(lost_by_path(path)).epsilon(0.02));
  CHECK(loss.basis == Basis::sampling);
}
