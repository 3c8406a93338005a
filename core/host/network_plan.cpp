#include "core/host/network_plan.h"

#include <algorithm>
#include <cctype>

namespace sonde {
namespace {

using Method = FamilySettings::Method;

// nodev: without udev its device module makes dhcpcd 9.4.1 fall over itself. noarp: an address is ready some seconds
// earlier; a server that gives one twice is the server's fault.
constexpr std::string_view kEverywhere = R"(nodev
duid
persistent
vendorclassid
noarp
noipv4ll
slaac hwaddr
option domain_name_servers, domain_name, domain_search, classless_static_routes, interface_mtu, ntp_servers, rapid_commit
option dhcp6_name_servers, dhcp6_domain_search, dhcp6_sntp_servers
require dhcp_server_identifier
denyinterfaces lo sit* ip6tnl* tunl* gre* ifb* dummy* bond* veth*
)";

bool same_hardware(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Made here, on top of another one: never chosen, and of the same hardware address. "eth0.30"
bool is_vlan(const InterfaceState& one) { return one.name.find('.') != std::string::npos; }

const InterfaceState* find(std::string_view wanted, std::span<const InterfaceState> interfaces) {
  for (const InterfaceState& one : interfaces)
    if (!one.loopback && !is_vlan(one) && (one.name == wanted || same_hardware(one.hardware_address, wanted)))
      return &one;
  return nullptr;
}

/// The first with a link, else the first at all.
const InterfaceState* first(std::span<const InterfaceState> interfaces, std::string_view but) {
  const InterfaceState* chosen = nullptr;
  for (const InterfaceState& one : interfaces) {
    if (one.loopback || is_vlan(one) || one.name == but) continue;
    if (one.running) return &one;
    if (!chosen) chosen = &one;
  }
  return chosen;
}

/// Where both have a gateway, what begins here leaves by the interface that measures. dhcpcd's own begin with 1000.
constexpr int kMeasures = 100, kManages = 200;

/// Bears no interface's name: rules for it let nobody in.
constexpr const char* kNobody = "nobody";

class Planner {
 public:
  Planner(const HostSettings& settings, std::span<const InterfaceState> interfaces)
      : settings_(settings), interfaces_(interfaces) {}

  NetworkPlan make() {
    plan_.dhcpcd_conf = kEverywhere;
    if (!settings_.name_servers.empty()) {
      plan_.dhcpcd_conf += "nohook resolv.conf\n";
      for (const IpAddress& server : settings_.name_servers) plan_.resolv_conf += "nameserver " + server.text() + "\n";
    }
    plan_.measuring = place(settings_.measuring, "measures", kMeasures, "");
    if (settings_.managing) {
      plan_.managing = place(*settings_.managing, "manages", kManages, plan_.measuring);
      if (plan_.managing.empty()) {
        plan_.managing = kNobody;
        plan_.sentences.push_back(
            "There is no interface to manage by, so the page and the shell are on the console only. "
            "Put one in, or say under Management that the one that measures manages, too.");
      }
    }
    silence_carriers();
    return std::move(plan_);
  }

 private:
  std::string place(const InterfaceSettings& wanted, const std::string& does, int metric, std::string_view but) {
    const InterfaceState* found = wanted.interface.empty() ? nullptr : find(wanted.interface, interfaces_);
    if (!found) {
      found = first(interfaces_, but);
      if (!found) return {};
      if (!wanted.interface.empty())
        plan_.sentences.push_back("There is no interface " + wanted.interface + ", so " + found->name + " " + does +
                                  ". Name another one in the network settings.");
    }
    std::string name = found->name;
    if (wanted.vlan != 0) {
      name += "." + std::to_string(wanted.vlan);
      plan_.vlans.push_back({name, found->name, wanted.vlan});
      // Its frames must fit into those below.
      if (wanted.mtu != 0)
        plan_.mtus.push_back({found->name, std::max(wanted.mtu, static_cast<std::uint32_t>(found->mtu))});
    }
    if (wanted.mtu != 0) plan_.mtus.push_back({name, wanted.mtu});
    plan_.dhcpcd_conf += "interface " + name + "\nmetric " + std::to_string(metric) + "\n";
    plan_.dhcpcd_conf += family4(wanted.v4) + family6(wanted.v6, name, metric);
    // A lease's MTU would undo what the operator chose.
    if (wanted.mtu != 0) plan_.dhcpcd_conf += "nooption interface_mtu\n";
    return name;
  }

  /// An interface that only carries a VLAN has no address of its own.
  void silence_carriers() {
    std::string last;
    for (const NetworkPlan::Vlan& vlan : plan_.vlans) {
      if (vlan.on == plan_.measuring || vlan.on == plan_.managing || vlan.on == last) continue;
      plan_.dhcpcd_conf += "interface " + vlan.on + "\nnoipv4\nnoipv6\n";
      last = vlan.on;
    }
  }

  static std::string family4(const FamilySettings& v4) {
    if (v4.method == Method::off) return "noipv4\n";
    if (v4.method == Method::automatic || !v4.address) return {};
    std::string text = "static ip_address=" + v4.address->text() + "\n";
    if (v4.gateway) text += "static routers=" + v4.gateway->text() + "\n";
    return text;
  }

  std::string family6(const FamilySettings& v6, const std::string& interface, int metric) {
    if (v6.method == Method::off) return "noipv6\n";
    if (v6.method == Method::automatic || !v6.address) return {};
    if (v6.gateway) plan_.gateways.push_back({interface, *v6.gateway, metric});
    return "noipv6rs\nstatic ip6_address=" + v6.address->text() + "\n";
  }

  const HostSettings& settings_;
  std::span<const InterfaceState> interfaces_;
  NetworkPlan plan_;
};

}  // namespace

NetworkPlan plan_network(const HostSettings& settings, std::span<const InterfaceState> interfaces) {
  return Planner(settings, interfaces).make();
}

}  // namespace sonde
