// The reference implementation's client measures through our server, over the real loopback.
#include <catch2/catch.hpp>
#include <cstdio>
#include <future>
#include <thread>

#include "core/base/linux_clock.h"
#include "core/net/linux_network.h"
#include "core/run/packet_loop.h"
#include "probes/owamp/server.h"
#include "test/interop/program.h"

using namespace sonde;
using namespace sonde::test;

namespace {

/// Our server on a port of its own, until the end of the test.
class LiveServer {
 public:
  explicit LiveServer(Family family) {
    std::promise<Endpoint> ready;
    thread_ = std::jthread([this, family, &ready](std::stop_token stop) {
      LinuxNetwork network(clock_);
      PacketLoop loop(clock_, network, {});
      loop.start(owamp::make_server(
          {.listen = {IpAddress::loopback(family), 0},
           .test_ports = {0, 0},
           .clock = clock_,
           .random = *random_,
           .log = {},
           .allowance = [](const IpAddress&) { return Allowance{true, 1000, 60, 1, 16, 1'000'000'000, "test"}; },
           .listening = [&ready](const Opened& opened) { ready.set_value(opened.local); }}));
      loop.run(stop);
    });
    at_ = ready.get_future().get();
  }
  const Endpoint& at() const { return at_; }

 private:
  LinuxClock clock_;
  std::unique_ptr<Random> random_ = system_random();
  Endpoint at_;
  std::jthread thread_;
};

std::size_t count(const std::string& text, const std::string& phrase) {
  std::size_t n = 0;
  for (auto at = text.find(phrase); at != std::string::npos; at = text.find(phrase, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("owping of the reference measures through our server, to it, from it and both") {
  if (output_of("command -v owping").empty()) {
    WARN("owping is not installed, so our server was not held against it: it comes with perfSONAR's owamp.");
    return;
  }
  const auto family = GENERATE(Family::v4, Family::v6);
  const auto [option, sessions] = GENERATE(table<std::string, std::size_t>({{"-t", 1}, {"-f", 1}, {"", 2}}));
  LiveServer server(family);
  const std::string text = output_of("owping " + option + " -c 10 -i 0.02 -L 0.5 -s 20 " + server.at().text());
  CAPTURE(text);
  CHECK(count(text, "10 sent, 0 lost") == sessions);
  CHECK(count(text, "hops = 0") == sessions);
}
