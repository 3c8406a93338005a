// Each rule both ways: a host of which nothing could be better, and the same with one thing wrong.
#include "core/host/fitness.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "test/core/host/made_up_host.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;
using State = Finding::State;

TEST_CASE("of a well made host everything is good, and each finding says all that it has to") {
  MadeUpHost host;
  const auto findings = judge(host.facts(), host.stretch);
  CHECK(findings.size() >= 26);
  std::set<std::string> keys;
  for (const Finding& one : findings) {
    INFO(one.key << ": " << one.is);
    CHECK(one.state == State::good);
    CHECK(keys.insert(one.key).second);
    CHECK_FALSE(one.title.empty());
    CHECK_FALSE(one.is.empty());
    CHECK_FALSE(one.should.empty());
    CHECK(one.why.ends_with("."));
    CHECK(one.how.empty());
    CHECK(one.command.empty());
    CHECK(one.rows.empty());
  }
  CHECK(summary(findings) == "Nothing could be better.");
}

TEST_CASE("what is bad comes first, then what could be better, then what is not known, and the sum says how many") {
  MadeUpHost host;
  host.clock.quality = {{}, false, true, "nobody"};
  host.driver.lro = true;
  host.state.mtu = 1400;
  host.remove("sys/devices/system/cpu/cpu0/cpuidle");
  host.remove("sys/devices/system/cpu/cpu1/cpuidle");
  const auto findings = judge(host.facts(), host.stretch);
  CHECK(findings[0].key == "clock.synchronised");
  CHECK(findings[1].key == "nic.eth0.mtu");
  CHECK(findings[2].key == "nic.eth0.offloads");
  CHECK(findings[3].key == "cpu.idle");
  CHECK(findings[3].state == State::unknown);
  CHECK(summary(findings) == "1 thing is bad, 2 could be better; 1 is not known.");
}

TEST_CASE("the appliance is told where to mend, and nothing to type that it has not") {
  MadeUpHost host;
  host.clock.quality = {{}, false, true, "nobody: the kernel says so"};
  host.setting("net.core.rmem_max", "212992");
  HostFacts facts = host.facts();
  facts.appliance = true;
  std::map<std::string, std::string> ways;
  for (const Finding& finding : judge(facts, host.stretch)) {
    CHECK(finding.command.empty());
    ways[finding.key] = finding.how;
  }
  CHECK(ways.at("clock.synchronised").find("under Time") != std::string::npos);
  CHECK(ways.at("kernel.socket_buffers").find("button") != std::string::npos);
}

TEST_CASE("the clock: who vouches, how far it is, whether it was stepped, and what else keeps time") {
  MadeUpHost host;
  CHECK(host.finding("clock.synchronised").is == "within 45 µs of UTC (chrony, stratum 2)");
  SECTION("nobody vouches") {
    host.clock.quality = {{}, false, true, "nobody: the kernel says so"};
    CHECK(host.finding("clock.synchronised").state == State::bad);
    CHECK(host.finding("clock.synchronised").is == "not synchronised: the kernel says so");
    CHECK(host.finding("clock.synchronised").command.find("apt install chrony") == 0);
  }
  SECTION("it is not believed") {
    host.clock.quality = {{}, false, false, "before the build date"};
    CHECK(host.finding("clock.synchronised").state == State::bad);
  }
  SECTION("it is far") {
    host.clock.quality.bound = 30ms;
    CHECK(host.finding("clock.synchronised").state == State::watch);
  }
  SECTION("how far is not known") {
    host.clock.quality.bound.reset();
    CHECK(host.finding("clock.synchronised").state == State::watch);
  }
  SECTION("it was stepped") {
    host.clock.steps = 2;
    CHECK(host.finding("clock.steps").state == State::watch);
    CHECK(host.finding("clock.steps").is == "2 since the node started");
  }
  SECTION("nobody watched for steps") {
    host.clock.steps.reset();
    CHECK(host.finding("clock.steps").state == State::unknown);
  }
  SECTION("the machine has no other clock") {
    host.remove("sys/class/ptp");
    CHECK(host.finding("clock.devices").state == State::good);
    host.remove("sys/class/rtc");
    CHECK(host.finding("clock.devices").state == State::watch);
  }
  SECTION("the kernel counts with a slow device although it has tsc") {
    host.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
    CHECK(host.finding("clock.source").state == State::watch);
    CHECK(host.finding("clock.source").command.find("echo tsc") != std::string::npos);
    host.remove("sys/devices/system/clocksource");
    CHECK(host.finding("clock.source").state == State::unknown);
  }
}

TEST_CASE("buffers are held against what the fastest link has under way in 100 ms") {
  MadeUpHost host;
  host.setting("net.ipv4.tcp_rmem", "4096 131072 6291456");
  const Finding f = host.finding("kernel.tcp_buffers");
  CHECK(f.state == State::watch);
  CHECK(f.is == "up to 3.15 MB of window, enough for 252 Mbit/s over 100 ms");
  CHECK(f.should == "enough for 10 Gbit/s over a round trip of 100 ms: 125 MB of window");
  CHECK(f.command ==
        "echo 'net.ipv4.tcp_rmem = 4096 131072 268435456' >> /etc/sysctl.d/90-sonde.conf\n"
        "echo 'net.ipv4.tcp_wmem = 4096 16384 268435456' >> /etc/sysctl.d/90-sonde.conf\n"
        "sysctl -p /etc/sysctl.d/90-sonde.conf");
  host.setting("net.ipv4.tcp_rmem", "4096 131072 33554432");
  host.state.speed_bps = host.driver.fastest_bps = 1'000'000'000;
  CHECK(host.finding("kernel.tcp_buffers").state == State::good);
  host.remove("proc/sys/net/ipv4/tcp_rmem");
  CHECK(host.finding("kernel.tcp_buffers").state == State::unknown);
}

TEST_CASE("the kernel's other settings") {
  MadeUpHost host;
  SECTION("socket buffers") {
    host.setting("net.core.rmem_max", "212992");
    CHECK(host.finding("kernel.socket_buffers").state == State::watch);
    host.remove("proc/sys/net/core/rmem_max");
    CHECK(host.finding("kernel.socket_buffers").state == State::unknown);
  }
  SECTION("packets dropped before a core are counted in hexadecimal over all cores") {
    host.write("proc/net/softnet_stat", "00001234 00000010 00000001\n00001234 00000001 00000001\n");
    CHECK(host.finding("kernel.backlog").state == State::watch);
    CHECK(host.finding("kernel.backlog").is == "17 since boot; room for 30000 before each core");
  }
  SECTION("bbr that is there but not allowed") {
    host.setting("net.ipv4.tcp_allowed_congestion_control", "reno cubic");
    const Finding f = host.finding("kernel.congestion");
    CHECK(f.state == State::watch);
    CHECK(f.is == "cubic by default; a test may choose reno and cubic");
    CHECK(f.command.find("'net.ipv4.tcp_allowed_congestion_control = reno cubic bbr'") != std::string::npos);
  }
  SECTION("parts of TCP") {
    host.setting("net.ipv4.tcp_sack", "0");
    CHECK(host.finding("kernel.tcp_features").state == State::watch);
    host.setting("net.ipv4.tcp_window_scaling", "0");
    CHECK(host.finding("kernel.tcp_features").state == State::bad);
    CHECK(host.finding("kernel.tcp_features").is == "window scaling and selective acknowledgements off");
  }
  SECTION("what TCP remembers") {
    host.setting("net.ipv4.tcp_no_metrics_save", "0");
    CHECK(host.finding("kernel.tcp_memory").state == State::watch);
  }
}

TEST_CASE("the cores: how many, how deep they sleep, how fast they run, and who takes them") {
  MadeUpHost host;
  SECTION("one core") {
    host.write("sys/devices/system/cpu/online", "0\n");
    CHECK(host.finding("cpu.cores").state == State::watch);
    host.write("sys/devices/system/cpu/online", "0-3,8-11\n");
    CHECK(host.finding("cpu.cores").is == "8");
  }
  SECTION("a governor that saves") {
    host.write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
    CHECK(host.finding("cpu.governor").state == State::watch);
    CHECK(host.finding("cpu.governor").is == "performance on 1, powersave on 1");
    host.remove("sys/devices/system/cpu/cpu0/cpufreq");
    host.remove("sys/devices/system/cpu/cpu1/cpufreq");
    CHECK(host.finding("cpu.governor").state == State::unknown);
  }
  SECTION("deep sleep, until it is forbidden") {
    for (const std::string core : {"cpu0", "cpu1"}) {
      host.write("sys/devices/system/cpu/" + core + "/cpuidle/state2/name", "C6\n");
      host.write("sys/devices/system/cpu/" + core + "/cpuidle/state2/latency", "133\n");
      host.write("sys/devices/system/cpu/" + core + "/cpuidle/state2/disable", "0\n");
    }
    CHECK(host.finding("cpu.idle").state == State::watch);
    CHECK(host.finding("cpu.idle").is == "as deep as C6, from which waking takes 133 µs");
    host.write("sys/devices/system/cpu/cpu0/cpuidle/state2/disable", "1\n");
    CHECK(host.finding("cpu.idle").state == State::good);
  }
  SECTION("steal and spare time") {
    host.stretch.steal = 0.02;
    CHECK(host.finding("cpu.steal").state == State::watch);
    CHECK(host.finding("cpu.steal").is == "2.0 % in the last 1 min");
    host.stretch.steal = 0.2;
    CHECK(host.finding("cpu.steal").state == State::bad);
    host.stretch.idle = 0.05;
    CHECK(host.finding("cpu.idle_share").state == State::watch);
  }
  SECTION("one reading says nothing of either") {
    for (const Finding& one : judge(host.facts(), {}))
      if (one.key == "cpu.steal" || one.key == "cpu.idle_share") CHECK(one.state == State::unknown);
  }
  SECTION("no real-time priority") {
    host.real_time = false;
    CHECK(host.finding("cpu.real_time").state == State::watch);
  }
}

TEST_CASE("two readings of the ticks make a stretch; ticks that went back make none") {
  MadeUpHost host;
  HostFacts before = host.facts();
  CHECK(before.cpu.ticks->all == 1000);
  CHECK(before.cpu.ticks->idle == 820);
  host.write("proc/stat", "cpu  150 0 60 830 20 0 20 20 0 0\n");
  HostFacts after = host.facts();
  after.read = before.read + 10s;
  const auto stretch = stretch_between(before, after);
  REQUIRE(stretch);
  CHECK(stretch->length == 10s);
  CHECK(stretch->steal == Approx(0.1));
  CHECK(stretch->idle == Approx(0.3));
  CHECK_FALSE(stretch_between(after, before));
  CHECK_FALSE(stretch_between(before, before));
}

TEST_CASE("the machine: virtual, in a container, short of memory, of randomness or of disk") {
  MadeUpHost host;
  CHECK(host.finding("machine.virtual").is == "real hardware (Dell Inc. PowerEdge R340)");
  SECTION("the hypervisor's flag") {
    host.write("proc/cpuinfo", "flags\t\t: fpu hypervisor tsc\n");
    CHECK(host.finding("machine.virtual").state == State::watch);
  }
  SECTION("only the board tells") {
    host.write("sys/class/dmi/id/sys_vendor", "QEMU\n");
    CHECK(host.finding("machine.virtual").state == State::watch);
  }
  SECTION("containers") {
    host.write(".dockerenv", "");
    CHECK(host.finding("machine.container").is == "inside one (docker)");
    CHECK(host.finding("machine.container").state == State::watch);
    host.remove(".dockerenv");
    host.write("proc/1/environ", std::string("PATH=/bin\0container=lxc\0TERM=x", 30));
    CHECK(host.finding("machine.container").is == "inside one (lxc)");
    host.write("run/systemd/container", "systemd-nspawn\n");
    CHECK(host.finding("machine.container").is == "inside one (systemd-nspawn)");
  }
  SECTION("memory") {
    host.write("proc/meminfo", "MemTotal: 500000 kB\nMemAvailable: 90000 kB\n");
    CHECK(host.finding("machine.memory").state == State::watch);
    host.write("proc/meminfo", "MemTotal: 500000 kB\nMemAvailable: 9000 kB\n");
    CHECK(host.finding("machine.memory").state == State::bad);
    host.write("proc/meminfo",
               "MemTotal: 9000000 kB\nMemAvailable: 500000 kB\nSwapTotal: 900000 kB\nSwapFree: 100000 kB\n");
    CHECK(host.finding("machine.memory").state == State::watch);
    host.write("proc/meminfo", "nonsense");
    CHECK(host.finding("machine.memory").state == State::unknown);
  }
  SECTION("randomness is told only where there is too little") {
    CHECK_THROWS(host.finding("machine.entropy"));
    host.write("proc/sys/kernel/random/entropy_avail", "60\n");
    CHECK(host.finding("machine.entropy").state == State::watch);
  }
  SECTION("the disk") {
    HostFacts facts = host.facts();
    const auto state = [&](DiskFacts disk) {
      facts.machine.disk = disk;
      for (const Finding& one : judge(facts, {}))
        if (one.key == "machine.disk") return one.state;
      return State::unknown;
    };
    CHECK(state({50'000'000'000, 100'000'000'000, false, false}) == State::good);
    CHECK(state({50'000'000'000, 100'000'000'000, false, true}) == State::watch);
    facts.machine.virtual_machine = true;
    CHECK(state({50'000'000'000, 100'000'000'000, false, true}) == State::good);
    facts.machine.virtual_machine = false;
    CHECK(state({50'000'000'000, 100'000'000'000, true, {}}) == State::watch);
    CHECK(state({500'000'000, 100'000'000'000, false, false}) == State::watch);
    CHECK(state({50'000'000, 100'000'000'000, false, false}) == State::bad);
  }
}

TEST_CASE("a disk's kind is read of the partition's disk") {
  MadeUpHost host;
  const auto disk = read_disk({host.folder / "proc", host.folder / "sys", ""}, host.folder.path());
  REQUIRE(disk);
  CHECK(disk->all_octets >= disk->free_octets);
  CHECK_FALSE(disk->rotational);
  CHECK_FALSE(read_disk({}, host.folder / "is not there"));
}

TEST_CASE("an empty tree is not known rather than wrong, and nothing in it stops the reading") {
  TemporaryFolder nothing;
  HostSources sources;
  sources.roots = {nothing / "proc", nothing / "sys", nothing.path()};
  for (const Finding& one : judge(read_host(sources, {}), {})) {
    INFO(one.key << ": " << one.is);
    if (one.key == "nic" || one.key == "clock.synchronised") continue;
    CHECK(one.state != State::bad);
    CHECK_FALSE(one.is.empty());
  }
}

TEST_CASE("what a button mends is a row of the table") {
  MadeUpHost host;
  host.driver.ring->receive = 16;
  host.driver.lro = true;
  host.driver.coalescing = {99, true};
  host.queueings = {{2, "pfifo_fast", true}};
  host.remove("proc/sys/net/core");
  for (const char* name : {"rmem", "wmem"}) host.setting(std::string("net.core.") + name + "_max", "1");
  for (const char* name : {"rmem", "wmem"}) host.setting(std::string("net.ipv4.tcp_") + name, "1 2 3");
  host.setting("net.ipv4.tcp_no_metrics_save", "0");
  host.setting("net.ipv4.tcp_allowed_congestion_control", "reno");
  host.write("proc/net/softnet_stat", "1 1 1\n");
  host.write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
  host.write("sys/devices/system/cpu/cpu0/cpuidle/state1/latency", "300\n");
  std::set<std::string_view> rows;
  for (const Finding& one : judge(host.facts(), host.stretch)) {
    INFO(one.key);
    for (const auto row : one.rows) CHECK(tuning_row(row) != nullptr);
    if (one.state == State::watch) CHECK_FALSE(one.how.empty());
    rows.insert(one.rows.begin(), one.rows.end());
  }
  // the other way round: every row of the table mends something
  for (const TuningRow& row : tuning_table()) {
    INFO(row.key);
    CHECK(rows.contains(row.key));
  }
}

TEST_CASE("files of the kernel that say nonsense are taken as absent") {
  TemporaryFolder folder;
  MadeUpHost host;
  host.write("a", "12x\n");
  host.write("b", "  12 \nmore\n");
  host.write("c", "99999999999999999999999\n");
  CHECK_FALSE(read_number(host.folder / "a"));
  CHECK(read_number(host.folder / "b") == 12);
  CHECK_FALSE(read_number(host.folder / "c"));
  CHECK_FALSE(read_number(host.folder / "nothing"));
  CHECK(read_start(host.folder / "a", 2) == "12");
  CHECK_FALSE(read_start(host.folder.path(), 10));
  for (const char* text : {"", "CPU0", "CPU0 CPU1\n30:", "CPU0 CPU1\n30: 1\n", "CPU0 CPU1\n30: a b c\n:\n"}) {
    host.write("proc/interrupts", text);
    CHECK_NOTHROW(judge(host.facts(), {}));
  }
  host.write("proc/stat", "cpu 1 2\n");
  CHECK_FALSE(host.facts().cpu.ticks);
  host.write("sys/devices/system/cpu/online", "x-\n");
  CHECK(host.facts().cpu.cores == 0);
}
