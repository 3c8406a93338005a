// The real kernel: a veth pair in a namespace of its own, read as any host is, and changed where that is possible.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <thread>

#include "core/host/fitness.h"
#include "core/host/host_reading.h"
#include "core/net/linux_interfaces.h"
#include "test/support/namespaces.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;

namespace {

/// A veth pair; its near end has an address.
struct Pair {
  NetworkNamespace inside{"fitness"};
  Pair() {
    inside.ip({"link", "add", "near", "type", "veth", "peer", "name", "far"});
    inside.ip({"addr", "add", "192.0.2.1/24", "dev", "near"});
    inside.ip({"link", "set", "near", "mtu", "1400", "up"});
    inside.ip({"link", "set", "far", "up"});
  }
};

bool skipped() {
  const auto why = why_no_namespaces();
  if (why) WARN(*why);
  return why.has_value();
}

/// What "ip -d link" prints of an interface.
std::string told_by_ip(const NetworkNamespace& inside, const std::string& name) {
  const std::string command = "ip -n " + inside.name() + " -d link show " + name;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string text;
  char block[512];
  while (const std::size_t n = std::fread(block, 1, sizeof block, pipe)) text.append(block, n);
  ::pclose(pipe);
  return text;
}

/// Read again until the kernel has noticed that the far end is up, which takes it a moment.
std::vector<NicFacts> nics_of(const Pair& pair) {
  std::vector<NicFacts> nics;
  pair.inside.run([&] {
    for (int i = 0; i < 500 && nics.empty(); ++i, std::this_thread::sleep_for(10ms)) nics = read_nics(real_host(""));
  });
  REQUIRE(nics.size() == 1);
  return nics;
}

}  // namespace

TEST_CASE("a veth pair is read as ip tells it, and what it has not is left out") {
  if (skipped()) return;
  const Pair pair;
  const auto nics = nics_of(pair);
  const NicFacts& nic = nics.front();
  const std::string told = told_by_ip(pair.inside, "near");
  INFO(told);
  CHECK(nic.name == "near");
  CHECK(nic.running);
  CHECK_FALSE(nic.is_device);
  CHECK(nic.driver == "veth");
  CHECK(told.find("mtu " + std::to_string(nic.mtu) + " ") != std::string::npos);
  CHECK(told.find("qdisc " + nic.queueing + " ") != std::string::npos);
  CHECK(nic.speed_bps == 10'000'000'000);
  CHECK(nic.duplex == NicFacts::Duplex::full);
  CHECK(nic.gro);
  CHECK(nic.tso);
  CHECK_FALSE(nic.ring);
  HostFacts facts;
  facts.nics = nics;
  for (const Finding& one : judge(facts, {})) {
    if (one.key == "nic.near.mtu") CHECK(one.state == Finding::State::watch);
    if (one.key == "nic.near.link") CHECK(one.state == Finding::State::good);
    CHECK(one.key != "nic.near.ring");
  }
}

TEST_CASE("an interface gets another sending queue, as the boot gives it") {
  if (skipped()) return;
  const Pair pair;
  const NicFacts before = nics_of(pair).front();
  int refused = -1, unknown = 0;
  pair.inside.run([&] {
    refused = linux_nic_door().set(before, NicDoor::Knob::queueing, "pfifo");
    unknown = linux_nic_door().set(before, NicDoor::Knob::queueing, "no-such-kind");
  });
  CHECK(unknown != 0);
  REQUIRE(refused == 0);
  CHECK(nics_of(pair).front().queueing == "pfifo");
  CHECK(told_by_ip(pair.inside, "near").find("qdisc pfifo ") != std::string::npos);
}

TEST_CASE("a queue of many queues is made anew, with new queues inside") {
  if (skipped()) return;
  NetworkNamespace inside("queues");
  inside.ip({"link", "add", "many", "numtxqueues", "2", "numrxqueues", "2", "type", "veth", "peer", "name", "far"});
  inside.run([&] {
    const auto all = read_interfaces();
    const auto many = std::ranges::find(all, "many", &InterfaceState::name);
    REQUIRE(many != all.end());
    NicFacts nic;
    nic.name = "many";
    nic.index = many->index;
    for (int i = 0; i < 2; ++i) {
      CHECK(linux_nic_door().set(nic, NicDoor::Knob::queueing, "mq") == 0);
      const auto queues = read_queueings();
      const auto of = [&](bool root) {
        return std::ranges::count_if(
            queues, [&](const Queueing& q) { return q.interface_index == nic.index && q.root == root; });
      };
      CHECK(of(true) == 1);
      CHECK(of(false) == 2);
    }
  });
}

TEST_CASE("the kernel takes what the table says, in a namespace that has these settings for itself") {
  if (skipped()) return;
  NetworkNamespace inside("tuned");
  inside.run([&] {
    const HostSources host = real_host("");
    for (const char* key : {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_no_metrics_save"}) {
      INFO(key);
      const TuningRow& row = *tuning_row(key);
      const TuningOutcome outcome = apply(row, host);
      INFO(outcome.sentence);
      CHECK(outcome.done);
      const TuningState now = state_of(row, read_host(host, {}));
      CHECK(now.known);
      CHECK(now.meets);
    }
  });
}

TEST_CASE("the host that runs this test can be judged, quickly and without a word on what is not there") {
  const HostFacts facts = read_host(real_host("/tmp"), SteadyTime{});
  CHECK(facts.cpu.cores > 0);
  CHECK(facts.cpu.ticks);
  CHECK(facts.machine.memory_octets.value_or(0) > 0);
  CHECK(facts.machine.disk);
  const auto findings = judge(facts, {});
  CHECK(findings.size() > 15);
  for (const Finding& one : findings) CHECK_FALSE(one.is.empty());
}
