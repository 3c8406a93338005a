// The rules for network cards and their interfaces, each both ways.
#include "core/host/fitness.h"

#include <catch2/catch.hpp>

#include "test/core/host/made_up_host.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;
using State = Finding::State;

TEST_CASE("a NIC's link: none, half, slower than it can, or not told") {
  MadeUpHost host;
  CHECK(host.finding("nic.eth0.link").is == "up, 10 Gbit/s full duplex; driver ixgbe, firmware 0x800003e7");
  SECTION("no link") {
    host.state.running = false;
    CHECK(host.finding("nic.eth0.link").state == State::bad);
  }
  SECTION("half duplex") {
    host.driver.duplex = NicFacts::Duplex::half;
    CHECK(host.finding("nic.eth0.link").state == State::bad);
  }
  SECTION("slower than it can") {
    host.state.speed_bps = 100'000'000;
    CHECK(host.finding("nic.eth0.link").state == State::watch);
    CHECK(host.finding("nic.eth0.link").is.ends_with("the NIC can do 10 Gbit/s"));
  }
  SECTION("not told") {
    host.state.speed_bps.reset();
    host.driver.duplex = NicFacts::Duplex::unknown;
    CHECK(host.finding("nic.eth0.link").state == State::unknown);
  }
}

TEST_CASE("a NIC's queues, offloads and stamps are held against the table") {
  MadeUpHost host;
  SECTION("a small receive ring") {
    host.driver.ring->receive = 256;
    const Finding f = host.finding("nic.eth0.ring");
    CHECK(f.state == State::watch);
    CHECK(f.is == "256 of 4096 packets; sending 512 of 4096");
    CHECK(f.command == "ethtool -G eth0 rx 4096");
    CHECK(f.rows == std::vector<std::string_view>{"nic.receive_ring"});
  }
  SECTION("LRO") {
    host.driver.lro = true;
    CHECK(host.finding("nic.eth0.offloads").state == State::watch);
    CHECK_FALSE(host.finding("nic.eth0.offloads").rows.empty());
  }
  SECTION("TSO off matters from 10 Gbit/s on") {
    host.driver.tso = false;
    CHECK(host.finding("nic.eth0.offloads").state == State::watch);
    host.state.speed_bps = host.driver.fastest_bps = 1'000'000'000;
    CHECK(host.finding("nic.eth0.offloads").state == State::good);
  }
  SECTION("interrupts that wait") {
    host.driver.coalescing = {50, false};
    CHECK(host.finding("nic.eth0.waiting").state == State::watch);
    host.driver.coalescing = {3, true};
    CHECK(host.finding("nic.eth0.waiting").state == State::watch);
    host.driver.coalescing.reset();
    CHECK(host.finding("nic.eth0.waiting").state == State::unknown);
  }
  SECTION("no stamps for what is sent") {
    host.driver.stamps = {true, false, false, false, -1};
    CHECK(host.finding("nic.eth0.stamps").state == State::watch);
    CHECK(host.finding("nic.eth0.stamps").is == "by the kernel for receiving; none by hardware");
  }
  SECTION("hardware stamps are told") {
    CHECK(host.finding("nic.eth0.stamps").is ==
          "by the kernel for receiving and sending; by hardware for receiving and sending (PTP clock ptp0)");
  }
  SECTION("another sending queue, in one of its queues") {
    host.queueings.back().kind = "fq_codel";
    CHECK(host.finding("nic.eth0.queueing").state == State::watch);
    CHECK(host.finding("nic.eth0.queueing").command.find("root mq") != std::string::npos);
    host.queueings = {{2, "pfifo_fast", true}};
    CHECK(host.finding("nic.eth0.queueing").state == State::watch);
    host.queueings = {{2, "fq", true}};
    CHECK(host.finding("nic.eth0.queueing").state == State::good);
    host.queueings.clear();
    CHECK(host.finding("nic.eth0.queueing").state == State::unknown);
  }
}

TEST_CASE("a NIC's MTU, broken packets and interrupts") {
  MadeUpHost host;
  SECTION("MTU") {
    host.state.mtu = 1450;
    CHECK(host.finding("nic.eth0.mtu").state == State::watch);
    host.state.mtu = 1200;
    CHECK(host.finding("nic.eth0.mtu").state == State::bad);
    host.state.mtu = 9000;
    CHECK(host.finding("nic.eth0.mtu").state == State::good);
  }
  SECTION("broken packets") {
    host.state.in_errors = 10;
    CHECK(host.finding("nic.eth0.errors").state == State::watch);
    CHECK(host.finding("nic.eth0.errors").is == "10 of 1000010 since boot");
    host.state.in_errors = 5000;
    CHECK(host.finding("nic.eth0.errors").state == State::bad);
  }
  SECTION("all interrupts on one core") {
    host.write("proc/interrupts", "  CPU0 CPU1\n 30: 120000 10 PCI-MSI eth0-rx-0\n 31: 130000 20 PCI-MSI eth0-rx-1\n");
    CHECK(host.finding("nic.eth0.interrupts").state == State::watch);
    CHECK(host.finding("nic.eth0.interrupts").is == "2 interrupts, 100 % of 250030 on core 0");
  }
  SECTION("a virtio function's interrupts are those of its card") {
    host.remove("sys/class/net/eth0/device");
    host.write("sys/devices/card/msi_irqs/30", "msix\n");
    host.write("sys/devices/card/virtio2/vendor", "0x1af4\n");
    std::filesystem::create_directory_symlink(host.folder / "sys/devices/card/virtio2",
                                              host.folder / "sys/class/net/eth0/device");
    CHECK_THROWS(host.finding("nic.eth0.interrupts"));
    std::filesystem::create_directory_symlink("../../../bus/virtio",
                                              host.folder / "sys/devices/card/virtio2/subsystem");
    CHECK(host.finding("nic.eth0.interrupts").is == "1 interrupt, 50 % of 238000 on core 0");
  }
  SECTION("few interrupts say nothing") {
    host.write("proc/interrupts", "  CPU0 CPU1\n 30: 1200 0 PCI-MSI eth0-rx-0\n 31: 1300 0 PCI-MSI eth0-rx-1\n");
    CHECK(host.finding("nic.eth0.interrupts").state == State::good);
  }
}

TEST_CASE("which interfaces measure: with an address, or beneath one that has") {
  MadeUpHost host;
  InterfaceState bond;
  bond.name = "bond0";
  bond.index = 7;
  bond.up = bond.running = true;
  bond.mtu = 1500;
  bond.addresses = {{*IpAddress::parse("192.0.2.9"), 24}};
  InterfaceState docker = bond;
  docker.name = "docker0";
  docker.index = 8;
  docker.running = false;
  InterfaceState loopback = bond;
  loopback.name = "lo";
  loopback.index = 1;
  loopback.loopback = true;
  host.more = {bond, docker, loopback};
  host.state.addresses = {{*IpAddress::parse("fe80::1"), 64}};
  const auto names = [&] {
    std::vector<std::string> out;
    for (const NicFacts& nic : host.facts().nics) out.push_back(nic.name);
    return out;
  };
  CHECK(names() == std::vector<std::string>{"bond0"});
  host.write("sys/class/net/bond0/ifindex", "7\n");
  host.write("sys/class/net/bond0/lower_eth0/ifindex", "2\n");
  CHECK(names() == std::vector<std::string>{"bond0", "eth0"});
  // the files of another namespace's eth0
  host.write("sys/class/net/eth0/ifindex", "12\n");
  CHECK_FALSE(host.facts().nics.back().is_device);
  host.more.clear();
  CHECK(judge(host.facts(), {}).front().key == "nic");
  CHECK(judge(host.facts(), {}).front().state == State::bad);
}
