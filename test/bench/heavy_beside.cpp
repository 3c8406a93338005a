#include "test/bench/heavy_beside.h"

#include <atomic>

#include "core/base/error.h"
#include "test/probes/throughput/real_ends.h"

namespace sonde::bench {
namespace {
constexpr std::uint16_t kPort = 5201;
}

struct HeavyBeside::Parts {
  test::NetworkNamespace where{"bench-heavy"};
  std::atomic<double> gbps{0};
  std::unique_ptr<test::RealServer> server;
  std::jthread client;
};

HeavyBeside::HeavyBeside() : parts_(new Parts) {
  parts_->where.run([this] {
    parts_->server =
        std::make_unique<test::RealServer>(Endpoint{IpAddress::any(Family::v4), kPort}, test::RealServer::everything());
  });
  if (!parts_->server->error().empty()) throw Error(parts_->server->error());
  parts_->client = std::jthread([this](const std::stop_token& stop) {
    test::enter_namespace(parts_->where.name());
    while (!stop.stop_requested()) {
      const test::RealRun run = test::run_client(IpAddress::loopback(Family::v4), kPort, {{"duration", "1s"}});
      for (const Statistic& one : run.result.statistics)
        if (one.metric->key == "throughput.rate" && one.value) parts_->gbps = *one.value / 1e9;
    }
  });
}

HeavyBeside::~HeavyBeside() = default;

double HeavyBeside::gbps() const { return parts_->gbps; }

}  // namespace sonde::bench
