#include "appliance/first_tests.h"

#include <unistd.h>

#include <algorithm>

#include "core/base/random.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

TestSpec about_itself(std::string id, std::string title, std::string probe, Schedule schedule, Options options = {}) {
  TestSpec spec;
  spec.id = std::move(id);
  spec.title = std::move(title);
  spec.probe = std::move(probe);
  spec.schedule = schedule;
  spec.options = std::move(options);
  spec.self_check = true;
  return spec;
}

}  // namespace

Peer own_peer() { return {"self", "this node", "127.0.0.1"}; }

std::vector<TestSpec> first_tests(std::span<const ProbeType* const> catalogue) {
  const Schedule polled{.kind = Schedule::Kind::continuous, .period = 10s};
  const Schedule checked{.kind = Schedule::Kind::every, .period = 30s, .spread = 2s};
  std::vector<TestSpec> tests = {
      about_itself("self-clock", "This node's clock", "clock", polled),
      about_itself("self-interfaces", "This node's interfaces", "interfaces", polled),
      about_itself("self-ping", "Self-check by ping", "ping", checked,
                   {{"count", "10"}, {"interval", "100ms"}, {"size", "100"}, {"loss_threshold", "1s"}}),
      about_itself("self-owamp", "Self-check by OWAMP", "owamp", checked,
                   {{"count", "50"}, {"interval", "100ms"}, {"loss_threshold", "1s"}}),
  };
  for (TestSpec& test : tests)
    if (test.probe == "ping" || test.probe == "owamp") test.peer = own_peer().id;
  std::erase_if(tests, [&](const TestSpec& test) {
    return std::ranges::find(catalogue, test.probe, &ProbeType::name) == catalogue.end();
  });
  return tests;
}

void begin_by_itself(Config& config, std::span<const ProbeType* const> catalogue) {
  Bytes id(16);
  system_random()->fill(id);
  config.site.node_id = to_hex(id);
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) == 0) config.site.name = name;
  config.peers.push_back(own_peer());
  config.tests = first_tests(catalogue);
}

}  // namespace sonde
