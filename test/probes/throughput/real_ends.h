#pragma once

#include <optional>
#include <thread>

#include "core/base/linux_clock.h"
#include "core/net/linux_network.h"
#include "core/run/packet_loop.h"
#include "probes/throughput/server.h"
#include "probes/throughput/throughput.h"

namespace sonde::test {

/// A loop of the real world.
struct RealLoop {
  LinuxClock clock;
  std::unique_ptr<Network> network = std::make_unique<LinuxNetwork>(clock);
  std::unique_ptr<Random> random = system_random();
  PacketLoop loop{clock, *network, {}};
};

/// Our throughput server on a thread of its own, in the namespace of the thread that makes it.
class RealServer {
 public:
  RealServer(const Endpoint& at, Allowance allowance, Log log = {}) {
    throughput::ServerOptions options{.listen = at,
                                      .clock = parts_.clock,
                                      .random = *parts_.random,
                                      .log = std::move(log),
                                      .allowance = [allowance](const IpAddress&) { return allowance; }};
    options.listening = [this](const Opened& opened) { error_ = opened.error; };
    parts_.loop.start(throughput::make_server(std::move(options), throughput::make_floor()));
    thread_ = std::jthread([this](std::stop_token stop) { parts_.loop.run(stop); });
  }
  /// Why it does not listen; empty = it does.
  const std::string& error() const { return error_; }
  static Allowance everything() { return {true, 4'000'000'000, 3600, 256, 100'000, UINT64_MAX, "test"}; }

 private:
  RealLoop parts_;
  std::string error_;
  std::jthread thread_;
};

struct RealRun {
  Result result;
  throughput::Report report;
};

/// One run of our client, on the calling thread and in its namespace.
inline RealRun run_client(const IpAddress& target, std::uint16_t port, Options options, std::uint8_t dscp = 0) {
  RealLoop parts;
  RealRun run;
  std::stop_source stop;
  RunOrder order;
  order.spec.id = "test";
  order.spec.probe = "throughput";
  order.spec.family = target.family();
  order.spec.options = std::move(options);
  order.spec.options.try_emplace("latency", "no");
  order.spec.type_p.dscp = dscp;
  order.spec.schedule.kind = Schedule::Kind::once;
  order.run = "run";
  order.target = target;
  order.port = port;
  ProbeContext context{.clock = parts.clock, .network = *parts.network, .random = *parts.random};
  context.report = [&](Result result) {
    run.result = std::move(result);
    stop.request_stop();
  };
  parts.loop.start(throughput::make_client(order, context, throughput::make_thread_mover,
                                           [&](const throughput::Report& report) { run.report = report; }));
  parts.loop.run(stop.get_token());
  return run;
}

}  // namespace sonde::test
