#include "core/host/judging.h"

namespace sonde {
namespace {

using State = Finding::State;

constexpr std::uint64_t kMega = 1'000'000, kGiga = 1'000'000'000;
constexpr std::uint64_t kLittleMemory = 128 * kMega, kNoMemory = 32 * kMega, kMuchSwap = 64 * kMega;
constexpr std::uint64_t kLittleDisk = 1 * kGiga, kNoDisk = 100 * kMega;
constexpr std::uint64_t kLittleEntropy = 128;

Finding virtual_machine(const MachineFacts& machine) {
  Finding f{.key = "machine.virtual", .title = "Machine"};
  f.is = std::string(machine.virtual_machine ? "virtual" : "real hardware") +
         (machine.maker.empty() ? "" : " (" + machine.maker + ")");
  f.should = "a real machine, where less than a millisecond matters";
  f.why =
      "A hypervisor may hold a virtual machine's clock and cores for milliseconds, and its own switch stands before "
      "the network. Loss and throughput of usual paths are measured well there; delays below 1 ms are not.";
  f.state = machine.virtual_machine ? State::watch : State::good;
  f.how = "Boot the live image on a spare computer; a small one does up to 1 Gbit/s.";
  return f;
}

Finding container(const MachineFacts& machine) {
  Finding f{.key = "machine.container", .title = "Container"};
  f.is = machine.container.empty() ? "none is seen" : "inside one (" + machine.container + ")";
  f.should = "none, or one that shares the host's network";
  f.why =
      "A container's bridge and address translation stand in every path and change addresses, ports and delays; and "
      "the kernel's settings belong to the host around it.";
  f.state = machine.container.empty() ? State::good : State::watch;
  f.how = "Run it with the host's network and the right to real-time priority.";
  f.command = "docker run --network host --cap-add SYS_NICE ...";
  return f;
}

Finding memory(const MachineFacts& machine) {
  Finding f{.key = "machine.memory", .title = "Memory"};
  f.should = octets_text(kLittleMemory) + " available and more, and nothing of it swapped out";
  f.why = "A program that was swapped out answers after milliseconds; one that finds no memory is ended by the kernel.";
  f.how = "Find what takes it.";
  f.command = "free -m\ntop -o %MEM";
  if (!machine.memory_octets || !machine.available_octets) {
    f.is = "not told by this host";
    return f;
  }
  const std::uint64_t swapped = machine.swap_used_octets.value_or(0);
  f.is = octets_text(*machine.available_octets) + " of " + octets_text(*machine.memory_octets) + " available" +
         (swapped > 0 ? ", " + octets_text(swapped) + " swapped out" : "");
  const bool tight = *machine.available_octets < kLittleMemory;
  // What was swapped out once and never missed does no harm.
  const bool swapping = swapped > kMuchSwap && *machine.available_octets < *machine.memory_octets / 10;
  f.state = *machine.available_octets < kNoMemory ? State::bad : tight || swapping ? State::watch : State::good;
  return f;
}

/// Kernels from 5.18 on always have enough: told only where it is not so.
std::optional<Finding> entropy(const MachineFacts& machine) {
  if (!machine.entropy_bits || *machine.entropy_bits >= kLittleEntropy) return std::nullopt;
  return Finding{
      .key = "machine.entropy",
      .title = "Randomness",
      .state = State::watch,
      .is = std::to_string(*machine.entropy_bits) + " bits",
      .should = std::to_string(kLittleEntropy) + " bits and more",
      .why = "Keys of the page and of encrypted tests are drawn from it; a program that asks too early waits.",
      .how = "Use a kernel from 5.18 on, or give a virtual machine its host's source.",
      .command = "apt install rng-tools5"};
}

Finding disk(const DiskFacts& disk, bool virtual_machine) {
  Finding f{.key = "machine.disk", .title = "Disk of the archive"};
  f.should = octets_text(kLittleDisk) + " free and more, on a disk that does not turn";
  f.why =
      "When it is full measuring goes on but storing stops. A turning disk makes each batch of results wait some "
      "10 ms; that is enough for hundreds of tests, not for thousands.";
  f.how = "Make room, or name a folder on another disk.";
  f.command = "df -h\nsonde run --data /srv/sonde";
  f.is = disk.in_memory ? "memory: all is gone at the next start"
                        : octets_text(disk.free_octets) + " of " + octets_text(disk.all_octets) + " free";
  // A hypervisor calls its disks turning whatever is under them.
  const bool turns = disk.rotational == true && !virtual_machine;
  if (disk.rotational && !virtual_machine) f.is += *disk.rotational ? ", turning" : ", not turning";
  f.state = disk.free_octets < kNoDisk                                  ? State::bad
            : disk.free_octets < kLittleDisk || disk.in_memory || turns ? State::watch
                                                                        : State::good;
  return f;
}

}  // namespace

void judge_machine(const MachineFacts& machine, Findings& out) {
  out.push_back(virtual_machine(machine));
  out.push_back(container(machine));
  out.push_back(memory(machine));
  if (auto little = entropy(machine)) out.push_back(std::move(*little));
  if (machine.disk) out.push_back(disk(*machine.disk, machine.virtual_machine));
}

}  // namespace sonde
