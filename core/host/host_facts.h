#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/time.h"

namespace sonde {

/// A clock that the kernel offers beside its own: /dev/ptp0, or the battery-backed one of the board.
struct TimeDevice {
  std::string name;  ///< "ptp0", "rtc0"
  std::string kind;  ///< as its driver calls it; may be empty
};

struct ClockFacts {
  ClockQuality quality;                ///< of who asks: the node, else the kernel
  std::optional<std::uint64_t> steps;  ///< since the node began; empty where no node watches
  std::vector<TimeDevice> ptp, rtc;
  std::string source;                ///< what the kernel counts time with: "tsc"; empty = not told
  std::vector<std::string> sources;  ///< what it could
};

/// One interrupt of a NIC: how often each core took it since boot.
struct Interrupt {
  int number = 0;
  std::vector<std::uint64_t> by_core;
};

/// A network interface that measures: up, with an address of its own, or beneath such a one. Empty optionals are what
/// the driver does not tell.
struct NicFacts {
  enum class Duplex : std::uint8_t { unknown, half, full };
  struct Ring {
    std::uint32_t receive = 0, receive_most = 0, send = 0, send_most = 0;
  };
  struct Coalescing {
    std::uint32_t receive_us = 0;
    bool adaptive = false;
  };
  struct Stamps {
    bool receive_kernel = false, send_kernel = false, receive_hardware = false, send_hardware = false;
    int ptp = -1;  ///< number of its PTP clock; -1 = none
  };
  std::string name;
  int index = 0;
  bool running = false;
  bool is_device = false;  ///< false: made of software (veth, bridge, tunnel)
  std::optional<std::uint64_t> speed_bps, fastest_bps;
  Duplex duplex = Duplex::unknown;
  int mtu = 0;
  std::string driver, driver_version, firmware;
  std::optional<Ring> ring;
  std::optional<Coalescing> coalescing;
  std::optional<Stamps> stamps;
  std::optional<bool> gro, lro, tso, gso, receive_checksum, send_checksum;
  std::string queueing;                     ///< of its root; empty = not told
  std::vector<std::string> inner_queueing;  ///< under "mq": of each of its queues
  std::uint64_t in_packets = 0, in_errors = 0;
  std::vector<Interrupt> interrupts;
};

/// Ticks since boot, of all cores together.
struct CpuTicks {
  std::uint64_t steal = 0, idle = 0, all = 0;
};

/// What the cores did between two readings, as shares of 0 to 1.
struct CpuStretch {
  Duration length{};
  double steal = 0, idle = 0;
};

/// A state in which a core sleeps.
struct IdleState {
  std::string name;
  Duration exit{};  ///< how long it takes to wake from it
  bool allowed = true;
};

struct CpuFacts {
  int cores = 0;
  std::optional<CpuTicks> ticks;
  std::map<std::string, int> governors;  ///< name → cores; empty where the machine offers none
  std::vector<IdleState> idle_states;    ///< of the first core; empty = not told
  bool real_time = false;                ///< real-time priority is allowed to this process
};

struct DiskFacts {
  std::uint64_t free_octets = 0, all_octets = 0;
  bool in_memory = false;
  std::optional<bool> rotational;
};

struct MachineFacts {
  bool virtual_machine = false;
  std::string maker;      ///< of the machine or of its hypervisor, as it calls itself; may be empty
  std::string container;  ///< "docker"; empty = none is seen
  std::optional<std::uint64_t> memory_octets, available_octets, swap_used_octets;
  std::optional<std::uint64_t> entropy_bits;
  std::optional<DiskFacts> disk;  ///< of the data folder
};

/// The machine underneath at one moment. A plain value: everything that is judged is in it.
struct HostFacts {
  SteadyTime read{};
  bool appliance = false;  ///< the machine is Sonde's own: its root helper mends, by the page
  ClockFacts clock;
  std::vector<NicFacts> nics;
  std::string nics_sentence;                    ///< why there are none to judge; empty = there are
  std::map<std::string, std::string> settings;  ///< "net.core.rmem_max" → "212992"; absent = not shown here
  std::uint64_t backlog_dropped = 0;            ///< packets that found no room before a core, since boot
  CpuFacts cpu;
  MachineFacts machine;
};

/// Empty when the readings are not in order or too near to each other for a share.
std::optional<CpuStretch> stretch_between(const HostFacts& before, const HostFacts& after);

}  // namespace sonde
