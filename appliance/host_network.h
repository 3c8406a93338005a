#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "appliance/accepted_keys.h"
#include "appliance/host_shell.h"
#include "core/base/time.h"
#include "core/config/config.h"
#include "core/host/network_plan.h"
#include "core/host/source_routes.h"

namespace sonde {

/// Puts the host's settings in force: names, addresses, routes, firewall, time, remote shell. Root; the root helper's
/// main thread.
class HostNetwork {
 public:
  /// Writes what dhcpcd, chronyd and the firewall read, and restarts those whose text changed. Never throws: what
  /// failed is among the sentences.
  void apply(const Config& config);
  /// Every two seconds: follows routes and addresses that came or went, for the routing table of each interface and for
  /// fixed gateways. True = another interface than before has been the one to use for a while (no name was given for
  /// it, and the link of the first went or came): apply() again.
  bool follow(SteadyTime now);
  /// The families by which a default route leads out of this machine: "4", "6", "46" or empty.
  static std::string reach();
  /// Where a system on trial finds it. Throws Error.
  static void remember_reach();
  bool firewall_in_force() const { return firewall_in_force_; }
  const std::vector<std::string>& sentences() const { return sentences_; }
  const std::string& managing() const { return managing_; }
  const HostShell& shell() const { return shell_; }
  /// Which keys may open the remote shell; what is accepted is in force after the next apply().
  AcceptedKeys& keys() { return keys_; }

 private:
  void apply_host(const HostSettings& settings);
  void apply_links(const HostSettings& settings);
  void apply_mtus(std::vector<NetworkPlan::Mtu> wanted);
  void apply_clock(const HostSettings& settings);
  void apply_firewall(const Config& config);
  std::vector<std::string> open_keys(const HostSettings& settings);
  void follow_routes(std::span<const InterfaceState> interfaces);
  void keep_gateways(std::span<const HostRoute> routes) const;

  bool chosen_otherwise(SteadyTime now, std::span<const InterfaceState> interfaces);

  HostSettings settings_;
  std::string measuring_, managing_, source_rules_[2];
  std::optional<SteadyTime> otherwise_since_;
  bool firewall_in_force_ = false;
  std::vector<NetworkPlan::Gateway> gateways_;
  std::vector<std::string> sentences_;
  AcceptedKeys keys_;
  HostShell shell_;
};

}  // namespace sonde
