#include "core/host/tuning.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <set>

#include "test/core/host/made_up_host.h"

using namespace sonde;
using namespace sonde::test;
using Knob = NicDoor::Knob;

namespace {

const TuningRow& row(std::string_view key) {
  const TuningRow* found = tuning_row(key);
  REQUIRE(found);
  return *found;
}

TuningState state(MadeUpHost& host, std::string_view key) { return state_of(row(key), host.facts()); }

}  // namespace

TEST_CASE("each row of the table has a key of its own, a value and a reason") {
  std::set<std::string_view> keys;
  for (const TuningRow& one : tuning_table()) {
    INFO(one.key);
    CHECK(keys.insert(one.key).second);
    CHECK_FALSE(one.title.empty());
    CHECK_FALSE(one.value.empty());
    CHECK(one.why.ends_with("."));
  }
  CHECK(row("nic.receive_wait").value == std::to_string(kReceiveWaitUs));
  CHECK(row("cpu.idle").value == std::to_string(kDeepIdle / std::chrono::microseconds(1)));
  CHECK(tuning_row("net.ipv4.tcp_mtu_probing") == nullptr);
}

TEST_CASE("a well made host meets every row, and nothing is written to it") {
  MadeUpHost host;
  for (const TuningState& one : tuning_states(host.facts())) {
    INFO(one.row->key << " " << one.now);
    CHECK(one.known);
    CHECK(one.meets);
  }
  for (const TuningOutcome& one : apply_at_boot(host.sources())) {
    CHECK(one.done);
    CHECK(one.sentence.ends_with("nothing was to do."));
  }
  CHECK(host.set.empty());
  CHECK(host.text("proc/sys/net/ipv4/tcp_rmem") == "4096\t131072\t268435456\n");
}

TEST_CASE("a setting is raised, never lowered, and numbers are raised one by one") {
  MadeUpHost host;
  host.setting("net.core.rmem_max", "212992");
  host.setting("net.core.wmem_max", "999999999");
  host.setting("net.ipv4.tcp_rmem", "8192\t131072\t6291456");
  CHECK_FALSE(state(host, "net.core.rmem_max").meets);
  CHECK(state(host, "net.core.wmem_max").meets);
  CHECK_FALSE(state(host, "net.ipv4.tcp_rmem").meets);
  const TuningOutcome outcome = apply(row("net.core.rmem_max"), host.sources());
  CHECK(outcome.done);
  CHECK(outcome.sentence == "Largest receive buffer that a program may ask for: net.core.rmem_max = 268435456.");
  CHECK(apply(row("net.core.wmem_max"), host.sources()).done);
  CHECK(apply(row("net.ipv4.tcp_rmem"), host.sources()).done);
  CHECK(host.text("proc/sys/net/core/rmem_max") == "268435456");
  CHECK(host.text("proc/sys/net/core/wmem_max") == "999999999\n");
  CHECK(host.text("proc/sys/net/ipv4/tcp_rmem") == "8192 131072 268435456");
  CHECK(state(host, "net.ipv4.tcp_rmem").meets);
}

TEST_CASE("words are added to those that are there") {
  CHECK(wanted_text(row("net.ipv4.tcp_allowed_congestion_control"), "reno dctcp") == "reno dctcp cubic bbr");
  CHECK(is_good_enough(row("net.ipv4.tcp_allowed_congestion_control"), "bbr reno cubic"));
  CHECK(wanted_text(row("net.core.default_qdisc"), "fq_codel") == "fq");
}

TEST_CASE("a setting that this host does not show is neither met nor missed, and none is made") {
  MadeUpHost host;
  host.remove("proc/sys/net/core/default_qdisc");
  const TuningState now = state(host, "net.core.default_qdisc");
  CHECK_FALSE(now.known);
  CHECK(now.meets);
  const TuningOutcome outcome = apply(row("net.core.default_qdisc"), host.sources());
  CHECK_FALSE(outcome.done);
  CHECK(outcome.sentence.find("No such file") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(host.folder / "proc/sys/net/core/default_qdisc"));
}

TEST_CASE("what is wrong at a NIC is set there, and only that") {
  MadeUpHost host;
  host.driver.ring->receive = 256;
  host.driver.lro = true;
  host.driver.coalescing = {3, true};
  host.queueings[1].kind = "fq_codel";
  CHECK(state(host, "nic.receive_ring").now == "eth0 256 of 4096");
  CHECK(state(host, "nic.lro").now == "eth0 on");
  CHECK(state(host, "nic.receive_wait").now == "eth0 3, adaptive");
  CHECK(state(host, "nic.queueing").now == "eth0 mq of fq, fq_codel");
  for (const char* key : {"nic.receive_ring", "nic.lro", "nic.receive_wait", "nic.queueing"}) {
    CHECK_FALSE(state(host, key).meets);
    CHECK(apply(row(key), host.sources()).done);
  }
  using Set = std::pair<Knob, std::string>;
  CHECK(host.set == std::vector<Set>{Set{Knob::receive_ring, "4096"}, Set{Knob::lro, "0"},
                                     Set{Knob::receive_wait_us, "3"}, Set{Knob::queueing, "mq"}});
  host.refuse = EPERM;
  const TuningOutcome outcome = apply(row("nic.lro"), host.sources());
  CHECK_FALSE(outcome.done);
  CHECK(outcome.sentence == "Large receive offload (LRO): eth0 refused 0: Operation not permitted.");
}

TEST_CASE("at boot a NIC is tuned before it has an address or a link; other interfaces without one are left alone") {
  MadeUpHost host;
  host.state.addresses.clear();
  host.state.up = host.state.running = false;
  host.driver.lro = true;
  InterfaceState dummy = host.state;
  dummy.name = "dummy0";
  dummy.index = 9;
  host.more = {dummy};
  CHECK(host.facts().nics.empty());
  CHECK(apply(row("nic.lro"), host.sources()).sentence == "Large receive offload (LRO): eth0 = 0.");
}

TEST_CASE("a NIC made of software has no ring to set, and its queue is left alone") {
  MadeUpHost host;
  host.remove("sys/class/net/eth0");
  host.driver = {};
  host.queueings = {{2, "noqueue", true}};
  for (const char* key : {"nic.receive_ring", "nic.lro", "nic.receive_wait", "nic.queueing"})
    CHECK_FALSE(state(host, key).known);
  for (const TuningOutcome& one : apply_at_boot(host.sources())) CHECK(one.done);
  CHECK(host.set.empty());
}

TEST_CASE("every core gets the governor; deep sleep is forbidden by the button only") {
  MadeUpHost host;
  const std::string cpu = "sys/devices/system/cpu/";
  host.write(cpu + "cpu1/cpufreq/scaling_governor", "powersave\n");
  host.write(cpu + "cpu1/cpuidle/state1/latency", "200\n");
  host.write(cpu + "cpu0/cpuidle/state1/latency", "200\n");
  CHECK_FALSE(state(host, "cpu.governor").meets);
  CHECK_FALSE(state(host, "cpu.idle").meets);
  for (const TuningOutcome& one : apply_at_boot(host.sources())) CHECK(one.done);
  CHECK(host.text(cpu + "cpu1/cpufreq/scaling_governor") == "performance");
  CHECK(host.text(cpu + "cpu1/cpuidle/state1/disable") == "0\n");
  CHECK(apply(row("cpu.idle"), host.sources()).done);
  CHECK(host.text(cpu + "cpu1/cpuidle/state1/disable") == "1");
  CHECK(host.text(cpu + "cpu0/cpuidle/state0/disable") == "0\n");
  CHECK(state(host, "cpu.idle").meets);
}
