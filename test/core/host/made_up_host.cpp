#include "test/core/host/made_up_host.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace sonde::test {

using namespace std::chrono_literals;

MadeUpHost::MadeUpHost() {
  write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme tsc\n\nprocessor\t: 1\nflags\t\t: fpu vme tsc\n");
  write("proc/meminfo",
        "MemTotal: 16000000 kB\nMemFree: 100 kB\nMemAvailable: 12000000 kB\nSwapTotal: 1000 kB\nSwapFree: 1000 kB\n");
  write("proc/stat", "cpu  100 0 50 800 20 0 20 10 0 0\ncpu0 1 2 3\n");
  write("proc/net/softnet_stat", "00001234 00000000 00000001\n00001234 00000000 00000001\n");
  write("proc/interrupts",
        "           CPU0       CPU1\n  30:     120000     118000   PCI-MSI 1-edge      eth0-rx-0\n"
        "  31:     110000     130000   PCI-MSI 2-edge      eth0-rx-1\n  99:    9000000          0   PCI-MSI 3-edge     "
        " disk\n"
        " NMI:          3          4   Non-maskable interrupts\n");
  write("proc/sys/kernel/random/entropy_avail", "256\n");
  setting("net.core.rmem_max", "268435456");
  setting("net.core.wmem_max", "268435456");
  setting("net.ipv4.tcp_rmem", "4096\t131072\t268435456");
  setting("net.ipv4.tcp_wmem", "4096\t16384\t268435456");
  setting("net.core.netdev_max_backlog", "30000");
  setting("net.core.default_qdisc", "fq");
  setting("net.ipv4.tcp_no_metrics_save", "1");
  setting("net.ipv4.tcp_congestion_control", "cubic");
  setting("net.ipv4.tcp_allowed_congestion_control", "reno cubic bbr");
  for (const char* name : {"window_scaling", "sack", "timestamps", "moderate_rcvbuf"})
    setting(std::string("net.ipv4.tcp_") + name, "1");
  write("sys/class/ptp/ptp0/clock_name", "ixgbe-0000:01:00.0\n");
  write("sys/class/rtc/rtc0/name", "rtc_cmos 00:01\n");
  write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
  write("sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet acpi_pm \n");
  write("sys/devices/system/cpu/online", "0-1\n");
  for (const std::string core : {"cpu0", "cpu1"}) {
    const std::string place = "sys/devices/system/cpu/" + core;
    write(place + "/cpufreq/scaling_governor", "performance\n");
    write(place + "/cpuidle/state0/name", "POLL\n");
    write(place + "/cpuidle/state0/latency", "0\n");
    write(place + "/cpuidle/state0/disable", "0\n");
    write(place + "/cpuidle/state1/name", "C1\n");
    write(place + "/cpuidle/state1/latency", "2\n");
    write(place + "/cpuidle/state1/disable", "0\n");
  }
  write("sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
  write("sys/class/dmi/id/product_name", "PowerEdge R340\n");
  write("sys/class/net/eth0/ifindex", "2\n");
  write("sys/class/net/eth0/device/msi_irqs/30", "msix\n");
  write("sys/class/net/eth0/device/msi_irqs/31", "msix\n");
  state.name = "eth0";
  state.index = 2;
  state.up = state.running = true;
  state.mtu = 1500;
  state.speed_bps = 10'000'000'000;
  state.in_packets = 1'000'000;
  state.addresses = {{*IpAddress::parse("192.0.2.5"), 24}};
  driver.driver = "ixgbe";
  driver.firmware = "0x800003e7";
  driver.duplex = NicFacts::Duplex::full;
  driver.fastest_bps = 10'000'000'000;
  driver.ring = {4096, 4096, 512, 4096};
  driver.coalescing = {8, false};
  driver.stamps = {true, true, true, true, 0};
  driver.gro = driver.tso = driver.gso = driver.receive_checksum = driver.send_checksum = true;
  driver.lro = false;
  queueings = {{2, "mq", true}, {2, "fq", false}, {2, "fq", false}};
  clock.quality = {45us, true, true, "chrony, stratum 2"};
  clock.steps = 0;
}

void MadeUpHost::write(const std::string& path, const std::string& text) const {
  const std::filesystem::path whole = folder / path;
  std::filesystem::create_directories(whole.parent_path());
  std::ofstream(whole) << text;
}

std::string MadeUpHost::text(const std::string& path) const {
  std::ifstream in(folder / path);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

void MadeUpHost::setting(const std::string& name, const std::string& text) const {
  std::string path = name;
  std::ranges::replace(path, '.', '/');
  write("proc/sys/" + path, text + "\n");
}

HostSources MadeUpHost::sources() {
  const auto ask = [this](NicFacts& nic) {
    if (nic.name != state.name) return;
    nic.driver = driver.driver;
    nic.driver_version = driver.driver_version;
    nic.firmware = driver.firmware;
    nic.duplex = driver.duplex;
    nic.fastest_bps = driver.fastest_bps;
    nic.ring = driver.ring;
    nic.coalescing = driver.coalescing;
    nic.stamps = driver.stamps;
    nic.gro = driver.gro;
    nic.lro = driver.lro;
    nic.tso = driver.tso;
    nic.gso = driver.gso;
    nic.receive_checksum = driver.receive_checksum;
    nic.send_checksum = driver.send_checksum;
  };
  return {.roots = {folder / "proc", folder / "sys", folder.path()},
          .data_folder = {},
          .interfaces =
              [this] {
                auto all = more;
                all.push_back(state);
                return all;
              },
          .queueings = [this] { return queueings; },
          .nic_door = {.ask = ask,
                       .set =
                           [this](const NicFacts&, NicDoor::Knob knob, const std::string& value) {
                             set.emplace_back(knob, value);
                             return refuse;
                           }},
          .real_time = [this] { return real_time; }};
}

HostFacts MadeUpHost::facts() {
  HostFacts facts = read_host(sources(), SteadyTime{});
  facts.clock.quality = clock.quality;
  facts.clock.steps = clock.steps;
  facts.machine.disk = DiskFacts{50'000'000'000, 100'000'000'000, false, false};
  return facts;
}

Finding MadeUpHost::finding(const std::string& key) {
  for (const Finding& one : judge(facts(), stretch))
    if (one.key == key) return one;
  throw std::runtime_error("no finding " + key);
}

}  // namespace sonde::test
