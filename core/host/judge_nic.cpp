// Each measuring network interface. What a driver does not tell is left out for interfaces made of software, and not
// known for devices.
#include <algorithm>
#include <numeric>

#include "core/host/judging.h"

namespace sonde {
namespace {

using State = Finding::State;

constexpr double kFast = 10e9;  ///< from here on a core needs the NIC's help
constexpr int kEthernet = 1500, kLeastForV6 = 1280;
constexpr double kFewErrors = 1e-6, kManyErrors = 1e-3;
constexpr std::uint64_t kEnoughInterrupts = 100'000;
constexpr double kOneCoreShare = 0.95;

std::string on(bool yes) { return yes ? "on" : "off"; }

Finding begin(const NicFacts& nic, const std::string& key, const std::string& title) {
  return {.key = "nic." + nic.name + "." + key, .title = nic.name + ": " + title};
}

std::string driver_text(const NicFacts& nic) {
  if (nic.driver.empty()) return "";
  std::string text = "; driver " + nic.driver;
  if (!nic.driver_version.empty()) text += " " + nic.driver_version;
  if (!nic.firmware.empty()) text += ", firmware " + nic.firmware;
  return text;
}

Finding link(const NicFacts& nic) {
  Finding f = begin(nic, "link", "link");
  f.should = "up, full duplex, at the NIC's best speed";
  f.why =
      "A link at half duplex or at a lower speed than both ends can do loses packets under load, and every path "
      "through it is blamed.";
  f.how = "Look at cable and switch port, and let both ends negotiate.";
  f.command = "ethtool " + nic.name + "\nethtool -s " + nic.name + " autoneg on";
  const bool half = nic.duplex == NicFacts::Duplex::half;
  const bool slow = nic.speed_bps && nic.fastest_bps && *nic.speed_bps < *nic.fastest_bps;
  if (!nic.running) {
    f.state = State::bad;
    f.is = "it has an address, but no link" + driver_text(nic);
    return f;
  }
  const std::string speed = nic.speed_bps ? rate_text(static_cast<double>(*nic.speed_bps)) : "speed not told";
  const std::string duplex = half ? " half duplex" : nic.duplex == NicFacts::Duplex::full ? " full duplex" : "";
  f.is = "up, " + speed + duplex + driver_text(nic);
  if (slow) f.is += "; the NIC can do " + rate_text(static_cast<double>(*nic.fastest_bps));
  f.state = half ? State::bad : slow ? State::watch : nic.speed_bps ? State::good : State::unknown;
  if (f.state == State::unknown) {
    f.how = "Virtual NICs do not tell a speed; ask who runs the machine what it is held to.";
    f.command.clear();
  }
  return f;
}

Finding errors(const NicFacts& nic) {
  Finding f = begin(nic, "errors", "broken packets");
  f.should = "none";
  f.why = "Packets that come in broken are lost on the last metre; on every path they look like the network's loss.";
  f.how = "Clean or change fibre, transceiver and cable; the counters tell which kind of error it is.";
  f.command = "ip -s -s link show " + nic.name + "\nethtool -S " + nic.name + " | grep -i err";
  f.is = nic.in_errors == 0
             ? "none since boot"
             : std::to_string(nic.in_errors) + " of " + std::to_string(nic.in_packets + nic.in_errors) + " since boot";
  const double share =
      nic.in_errors == 0 ? 0 : static_cast<double>(nic.in_errors) / static_cast<double>(nic.in_packets + nic.in_errors);
  f.state = share > kManyErrors ? State::bad : share > kFewErrors ? State::watch : State::good;
  return f;
}

Finding mtu(const NicFacts& nic) {
  Finding f = begin(nic, "mtu", "MTU");
  f.is = std::to_string(nic.mtu) + " octets";
  f.should = "1500 octets, or 9000 where every hop carries them";
  f.why =
      "A smaller MTU than Ethernet's points to a tunnel or an overlay under this machine: larger packets are cut or "
      "vanish. IPv6 needs 1280. With 9000 a core moves six times as much per packet.";
  f.how = "Set what the network underneath carries, at this host and at its switch port.";
  f.command = "ip link set dev " + nic.name + " mtu 1500";
  f.state = nic.mtu < kLeastForV6 ? State::bad : nic.mtu < kEthernet ? State::watch : State::good;
  return f;
}

Finding ring(const NicFacts& nic) {
  Finding f = begin(nic, "ring", "receive ring");
  f.should = "the most that the NIC has";
  f.why = tuning_row("nic.receive_ring")->why;
  if (!nic.ring) {
    f.is = "not told by the driver";
    return f;
  }
  f.is = std::to_string(nic.ring->receive) + " of " + std::to_string(nic.ring->receive_most) + " packets; sending " +
         std::to_string(nic.ring->send) + " of " + std::to_string(nic.ring->send_most);
  f.state = nic.ring->receive < nic.ring->receive_most ? State::watch : State::good;
  f.how = "Give it all, at a moment when no test runs: the link may go down for a second.";
  f.command = "ethtool -G " + nic.name + " rx " + std::to_string(nic.ring->receive_most);
  f.rows = {"nic.receive_ring"};
  return f;
}

Finding offloads(const NicFacts& nic) {
  Finding f = begin(nic, "offloads", "offloads");
  f.should = "LRO off; GRO, TSO, GSO and checksums on";
  f.why =
      "LRO joins segments inside the NIC and forgets where each began: counts and gaps of packets are then the NIC's "
      "invention. GRO joins without losing anything and leaves light UDP tests alone. TSO and GSO let one core fill "
      "10 Gbit/s; what then leaves in bursts of 64 kB is spread by fq.";
  std::vector<std::string> parts;
  const auto tell = [&](const char* name, const std::optional<bool>& is) {
    if (is) parts.push_back(std::string(name) + " " + on(*is));
  };
  tell("LRO", nic.lro);
  tell("GRO", nic.gro);
  tell("TSO", nic.tso);
  tell("GSO", nic.gso);
  tell("receive checksum", nic.receive_checksum);
  tell("send checksum", nic.send_checksum);
  if (parts.empty()) {
    f.is = "not told by the driver";
    return f;
  }
  f.is = listed(parts);
  const bool fast = nic.is_device && nic.speed_bps && static_cast<double>(*nic.speed_bps) >= kFast;
  const bool no_help = fast && (nic.tso == false || nic.gso == false || nic.gro == false ||
                                nic.receive_checksum == false || nic.send_checksum == false);
  f.state = nic.lro == true || no_help ? State::watch : State::good;
  f.how = "Switch them for this interface; a line \"post-up\" in /etc/network/interfaces keeps it.";
  f.command = "ethtool -K " + nic.name + " lro off gro on tso on gso on rx on tx on";
  if (nic.lro == true) f.rows = {"nic.lro"};
  return f;
}

Finding waiting(const NicFacts& nic) {
  Finding f = begin(nic, "waiting", "interrupt coalescing");
  f.should = "at most " + std::to_string(kReceiveWaitUs) + " µs, and not adaptive";
  f.why =
      "The kernel stamps a packet when the interrupt comes. Until then it waits, and packets of one interrupt bear "
      "nearly the same time: the wait is added to every one-way delay and round trip, and an adaptive one changes "
      "with the load as a queue in the network would.";
  if (!nic.coalescing) {
    f.is = "not told by the driver";
    return f;
  }
  f.is = (nic.coalescing->receive_us == 0 ? "none" : "up to " + std::to_string(nic.coalescing->receive_us) + " µs") +
         std::string(nic.coalescing->adaptive ? ", adaptive: it changes with the load" : "");
  f.state = nic.coalescing->adaptive || nic.coalescing->receive_us > kReceiveWaitUs ? State::watch : State::good;
  f.how = "Set a short, fixed wait. It costs some CPU when many packets come.";
  f.command = "ethtool -C " + nic.name + " adaptive-rx off rx-usecs " + std::to_string(kReceiveWaitUs);
  f.rows = {"nic.receive_wait"};
  return f;
}

Finding stamps(const NicFacts& nic) {
  Finding f = begin(nic, "stamps", "time stamps");
  f.should = "kernel stamps in both directions; hardware stamps are a plus";
  f.why =
      "A stamp of the kernel is taken at the driver. Without it the program's own reading of the clock counts, which "
      "is late by the time until it was woken: tens to hundreds of µs. Hardware stamps would leave out the "
      "interrupt's wait too; Sonde shows them but does not use them yet.";
  if (!nic.stamps) {
    f.is = "not told by the driver";
    return f;
  }
  std::vector<std::string> kernel, hardware;
  if (nic.stamps->receive_kernel) kernel.push_back("receiving");
  if (nic.stamps->send_kernel) kernel.push_back("sending");
  if (nic.stamps->receive_hardware) hardware.push_back("receiving");
  if (nic.stamps->send_hardware) hardware.push_back("sending");
  f.is = kernel.empty() ? "none by the kernel" : "by the kernel for " + listed(kernel);
  f.is += hardware.empty() ? "; none by hardware" : "; by hardware for " + listed(hardware);
  if (nic.stamps->ptp >= 0) f.is += " (PTP clock ptp" + std::to_string(nic.stamps->ptp) + ")";
  f.state = kernel.size() == 2 ? State::good : State::watch;
  f.how = "It is the driver's to offer: choose a NIC whose driver stamps (igb, ixgbe, i40e, ice, mlx5).";
  f.command = "ethtool -T " + nic.name;
  return f;
}

Finding queueing(const NicFacts& nic) {
  Finding f = begin(nic, "queueing", "sending queue");
  f.should = "fq";
  f.why =
      "fq sends TCP's packets at TCP's own pace and gives each stream its turn: a heavy test neither bursts nor "
      "stands before a light one inside this host, where the delay would be blamed on the path.";
  if (nic.queueing.empty()) {
    f.is = "not told by this host";
    return f;
  }
  f.is = nic.queueing;
  if (!nic.inner_queueing.empty())
    f.is += ", " + std::to_string(nic.inner_queueing.size()) + " queues with " + nic.inner_queueing.front();
  f.state = sends_by(nic, "fq") ? State::good : State::watch;
  f.how = "Make fq the default, and give the interface new queues.";
  f.command = "sysctl -w net.core.default_qdisc=fq\ntc qdisc replace dev " + nic.name + " root " +
              (nic.queueing == "mq" ? "mq" : "fq") +
              "\necho 'net.core.default_qdisc = fq' >> /etc/sysctl.d/90-sonde.conf";
  f.rows = {"net.core.default_qdisc", "nic.queueing"};
  return f;
}

/// Empty where there is nothing to spread: one interrupt only, or one core.
std::optional<Finding> interrupts(const NicFacts& nic, int cores) {
  std::vector<std::uint64_t> by_core;
  std::size_t used = 0;
  for (const Interrupt& one : nic.interrupts) {
    by_core.resize(std::max(by_core.size(), one.by_core.size()));
    for (std::size_t i = 0; i < one.by_core.size(); ++i) by_core[i] += one.by_core[i];
    if (std::accumulate(one.by_core.begin(), one.by_core.end(), std::uint64_t{0}) > 0) ++used;
  }
  if (used == 0 || cores < 2) return std::nullopt;
  const auto all = std::accumulate(by_core.begin(), by_core.end(), std::uint64_t{0});
  const auto most = std::ranges::max_element(by_core);
  const double share = static_cast<double>(*most) / static_cast<double>(all);
  Finding f = begin(nic, "interrupts", "interrupts");
  f.is = std::to_string(used) + (used == 1 ? " interrupt" : " interrupts") + ", " + share_text(share) + " of " +
         std::to_string(all) + " on core " + std::to_string(most - by_core.begin());
  f.should = used == 1 ? "one queue is enough below 10 Gbit/s" : "spread over the cores";
  f.why =
      "The core that takes all interrupts of a NIC also runs the network stack for every packet: it is the first to "
      "be full, and packets are then dropped although other cores are idle.";
  const bool fast = nic.speed_bps && static_cast<double>(*nic.speed_bps) >= kFast;
  const bool crowded = all >= kEnoughInterrupts && share > kOneCoreShare && (used > 1 || fast);
  f.state = crowded ? State::watch : State::good;
  f.how = used == 1 ? "Give the NIC more queues, if it has them." : "Let irqbalance spread them, or do it by hand.";
  f.command = used == 1 ? "ethtool -L " + nic.name + " combined " + std::to_string(cores) : "apt install irqbalance";
  return f;
}

}  // namespace

void judge_nics(const HostFacts& facts, Findings& out) {
  if (facts.nics.empty()) {
    out.push_back({.key = "nic",
                   .title = "Network interfaces",
                   .state = State::bad,
                   .is = facts.nics_sentence,
                   .should = "at least one that is up, with an address",
                   .why = "Nothing beyond this host can be measured without one.",
                   .how = "Connect the cable and give the interface an address.",
                   .command = "ip address"});
    return;
  }
  for (const NicFacts& nic : facts.nics) {
    out.push_back(link(nic));
    if (nic.is_device) out.push_back(errors(nic));
    out.push_back(mtu(nic));
    if (nic.ring || nic.is_device) out.push_back(ring(nic));
    out.push_back(offloads(nic));
    if (nic.coalescing || nic.is_device) out.push_back(waiting(nic));
    out.push_back(stamps(nic));
    if (nic.is_device || (!nic.queueing.empty() && nic.queueing != "noqueue")) out.push_back(queueing(nic));
    if (auto spread = interrupts(nic, facts.cpu.cores)) out.push_back(std::move(*spread));
  }
}

}  // namespace sonde
