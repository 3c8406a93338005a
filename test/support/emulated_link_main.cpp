// emulated_link: joins two existing network namespaces by a link with delay, loss, rate and queue, which may become
// worse after a while.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "core/base/error.h"
#include "test/support/emulated_link.h"
#include "test/support/interrupts.h"

using namespace sonde;
using namespace sonde::test;

namespace {

struct Words {
  std::string delay = "0ms", jitter = "0ms";
  PathOptions path;
  void add_to(CLI::App& app, const std::string& before) {
    app.add_option(before + "delay", delay, "of every packet, such as 10ms");
    app.add_option(before + "jitter", jitter, "up to this much more");
    app.add_option(before + "loss", path.loss, "share of packets lost, 0 to 1");
    app.add_option(before + "rate", path.rate_bps, "bit/s, 0 = unlimited");
    app.add_option(before + "queue", path.queue_packets, "packets that wait for the rate before others are lost");
  }
  PathOptions options() {
    path.delay = duration_of(delay);
    path.jitter = duration_of(jitter);
    return path;
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A link between two network namespaces, until interrupted.");
  std::string space_a, device_a, space_b, device_b, after = "0s";
  Words first, then;
  app.add_option("namespace_a", space_a)->required();
  app.add_option("device_a", device_a, "made there, a TUN device")->required();
  app.add_option("namespace_b", space_b)->required();
  app.add_option("device_b", device_b)->required();
  first.add_to(app, "--");
  app.add_option("--then-after", after, "the --then-... words hold after this time");
  then.add_to(app, "--then-");
  CLI11_PARSE(app, argc, argv);
  try {
    block_interrupts();
    const PathOptions good = first.options(), bad = then.options();
    EmulatedLink link({open_tun(space_a, device_a)}, {open_tun(space_b, device_b)}, good, good, 1, {});
    std::puts("up");
    std::fflush(stdout);
    if (until_interrupted(duration_of(after))) return 0;
    link.change(bad, bad);
    std::puts("changed");
    std::fflush(stdout);
    until_interrupted(Duration::zero());
  } catch (const std::exception& error) {
    std::cerr << "emulated_link: " << error.what() << '\n';
    return 1;
  }
}
