#include "appliance/host_network.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "appliance/host_node.h"
#include "appliance/host_places.h"
#include "appliance/host_programs.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/config/host_rules.h"
#include "core/host/clock_plan.h"
#include "core/host/firewall_plan.h"
#include "core/host/host_reading.h"
#include "core/host/network_plan.h"
#include "core/host/source_routes.h"
#include "core/net/linux_interfaces.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIp = "/usr/bin/ip";
constexpr Duration kSettled = std::chrono::seconds(10);

std::string in_network(const char* name) { return std::string(host::kNetwork) + "/" + name; }

/// True = it was another text before.
bool write_if_other(const std::string& path, const std::string& text) {
  if (read_start(path, 1 << 20).value_or("\x01") == text) return false;
  write_file_atomically(path, text, 0644);
  return true;
}

/// A clock that the machine around a virtual machine offers; those of network cards follow nothing.
std::string reference_clock() {
  for (const std::string& name : names_in("/sys/class/ptp")) {
    const std::string kind = read_line("/sys/class/ptp/" + name + "/clock_name").value_or("");
    if (kind == "KVM virtual PTP" || kind == "hyperv") return "/dev/" + name;
  }
  return {};
}

/// The network's client does not start while it lives.
struct ClientHeld {
  ClientHeld() { write_file_atomically(host::kNetworkHold, "", 0600); }
  ClientHeld(const ClientHeld&) = delete;
  ~ClientHeld() {
    std::error_code none;
    fs::remove(host::kNetworkHold, none);
  }
};

std::vector<HostRoute> read_routes(Family family) {
  const ProgramOutcome listed =
      run_program({kIp, family == Family::v4 ? "-4" : "-6", "-json", "route", "show", "table", "main"});
  std::vector<HostRoute> routes;
  const JsonParsed parsed = parse_json(listed.said);
  if (!parsed.value) return routes;
  const auto text = [](const Json& object, std::string_view name) {
    const Json* found = object.find(name);
    return found ? found->text : std::string();
  };
  for (const Json& one : parsed.value->items) {
    HostRoute route{family, text(one, "dev"), text(one, "dst"), text(one, "gateway")};
    if (!route.interface.empty() && !route.to.empty() && !route.to.starts_with("fe80")) routes.push_back(route);
  }
  std::ranges::sort(routes);
  return routes;
}

}  // namespace

/// A configuration that cannot be read opens nothing, and makes nobody forget what was accepted.
std::vector<std::string> HostNetwork::open_keys(const HostSettings& settings) {
  try {
    return keys_.sort(settings.shell_keys);
  } catch (const Error& error) {
    sentences_.push_back(std::string("The remote shell is closed: ") + error.what());
    return {};
  }
}

void HostNetwork::apply(const Config& config) {
  sentences_.clear();
  Config wanted = config;
  if (wanted.host) wanted.host->shell_keys = open_keys(*wanted.host);
  const HostSettings settings = wanted.host.value_or(HostSettings{});
  // What fails keeps nothing else from being in force.
  const auto step = [this](auto apply_one) {
    try {
      apply_one();
    } catch (const std::exception& error) {
      sentences_.push_back(error.what());
    }
  };
  step([&] { apply_host(settings); });
  step([&] { apply_links(settings); });
  step([&] { apply_clock(settings); });
  step([&] { apply_firewall(wanted); });
  step([&] { shell_.apply(settings.shell_keys); });
}

void HostNetwork::apply_host(const HostSettings& settings) {
  const std::string name = settings.name.empty() ? "sonde" : settings.name;
  if (::sethostname(name.data(), name.size()) != 0) sentences_.push_back("The host could not be named " + name + ".");
  const fs::path zone = fs::path(kZoneFolder) / settings.zone, link = in_network("localtime");
  std::error_code error;
  if (check_zone("zone", settings.zone).empty() && fs::read_symlink(link, error) != zone) {
    fs::remove(link, error);
    fs::create_symlink(zone, link, error);
  }
}

void HostNetwork::apply_links(const HostSettings& settings) {
  const NetworkPlan plan = plan_network(settings, read_interfaces());
  sentences_.insert(sentences_.end(), plan.sentences.begin(), plan.sentences.end());
  settings_ = settings;
  measuring_ = plan.measuring;
  managing_ = plan.managing;
  otherwise_since_.reset();
  for (const std::string& name : names_in("/proc/net/vlan"))
    if (name != "config" && !std::ranges::count(plan.vlans, name, &NetworkPlan::Vlan::name))
      run_program({kIp, "link", "delete", "dev", name});
  for (const NetworkPlan::Vlan& vlan : plan.vlans) {
    if (fs::exists("/sys/class/net/" + vlan.name)) continue;
    const ProgramOutcome made = run_program(
        {kIp, "link", "add", "link", vlan.on, "name", vlan.name, "type", "vlan", "id", std::to_string(vlan.id)});
    if (made.status != 0) sentences_.push_back("VLAN " + std::to_string(vlan.id) + " on " + vlan.on + ": " + made.said);
  }
  apply_mtus(plan.mtus);
  if (!plan.resolv_conf.empty()) write_if_other(in_network("resolv.conf"), plan.resolv_conf);
  if (write_if_other(in_network("dhcpcd.conf"), plan.dhcpcd_conf)) {
    // Addresses of before would stay beside the new ones, and who gave them would give them back.
    const ClientHeld held;
    restart_program(host::kDhcpPid);
    if (fs::exists(host::kDhcpPid))
      for (const InterfaceState& one : read_interfaces())
        if (!one.loopback) run_program({kIp, "address", "flush", "dev", one.name, "scope", "global"});
  }
  for (const auto& [interface, address, metric] : gateways_)
    if (!std::ranges::count(plan.gateways, NetworkPlan::Gateway{interface, address, metric}))
      run_program({kIp, "-6", "route", "delete", "default", "via", address.text(), "dev", interface, "metric",
                   std::to_string(metric)});
  gateways_ = plan.gateways;
}

/// What an interface had before is written down, outliving this process, for when nothing is asked of it any more.
void HostNetwork::apply_mtus(std::vector<NetworkPlan::Mtu> wanted) {
  const std::string folder = in_network("mtu");
  make_folder(folder, 0755);
  const auto own = [&](const std::string& name) { return folder + "/" + name; };
  for (const std::string& name : names_in(folder))
    if (const auto octets = read_number(own(name));
        octets && !std::ranges::count(wanted, name, &NetworkPlan::Mtu::interface))
      wanted.push_back({name, static_cast<std::uint32_t>(*octets)});
  for (const NetworkPlan::Mtu& mtu : wanted) {
    const std::string now = read_line("/sys/class/net/" + mtu.interface + "/mtu").value_or("");
    if (now.empty() || now == std::to_string(mtu.octets)) continue;
    if (!fs::exists(own(mtu.interface))) write_file_atomically(own(mtu.interface), now, 0644);
    const ProgramOutcome set =
        run_program({kIp, "link", "set", "dev", mtu.interface, "mtu", std::to_string(mtu.octets)});
    if (set.status != 0)
      sentences_.push_back("The MTU of " + mtu.interface + " stays as it is: " + set.said + ". Choose a smaller one.");
  }
}

void HostNetwork::apply_clock(const HostSettings& settings) {
  if (write_if_other(in_network("chrony.conf"), chrony_text(settings.time_servers, reference_clock())))
    restart_program(host::kClockPid);
}

void HostNetwork::apply_firewall(const Config& config) {
  const std::string rules = firewall_text(config, managing_);
  firewall_in_force_ = false;
  const ProgramOutcome loaded = run_program({"/usr/sbin/nft", "-f", "-"}, rules);
  firewall_in_force_ = loaded.status == 0;
  if (loaded.status != 0) sentences_.push_back("The firewall's rules are not in force: " + loaded.said);
}

/// Each has a metric of its own: one default route does not take the place of the other.
void HostNetwork::keep_gateways(std::span<const HostRoute> routes) const {
  for (const auto& [interface, address, metric] : gateways_) {
    const HostRoute wanted{Family::v6, interface, "default", address.text()};
    if (std::ranges::find(routes, wanted) == routes.end())
      run_program({kIp, "-6", "route", "replace", "default", "via", wanted.gateway, "dev", interface, "metric",
                   std::to_string(metric)});
  }
}

/// A link takes seconds to come, and goes for a moment when its MTU changes.
bool HostNetwork::chosen_otherwise(SteadyTime now, std::span<const InterfaceState> interfaces) {
  const NetworkPlan plan = plan_network(settings_, interfaces);
  const auto links = [&](const std::string& name) {
    const auto found = std::ranges::find(interfaces, name, &InterfaceState::name);
    return found != interfaces.end() && found->running;
  };
  // Where no card has a link the plan has the first at all: what is there stays.
  const auto moves = [&](const std::string& from, const std::string& to) {
    return from != to &&
           (links(to.substr(0, to.find('.'))) || !std::ranges::count(interfaces, from, &InterfaceState::name));
  };
  if (!moves(measuring_, plan.measuring) && !moves(managing_, plan.managing)) {
    otherwise_since_.reset();
    return false;
  }
  if (!otherwise_since_) otherwise_since_ = now;
  return now - *otherwise_since_ >= kSettled;
}

std::string HostNetwork::reach() {
  std::string families;
  for (const auto& [family, word] : {std::pair{Family::v4, '4'}, std::pair{Family::v6, '6'}})
    if (std::ranges::count(read_routes(family), "default", &HostRoute::to) > 0) families += word;
  return families;
}

void HostNetwork::remember_reach() { write_file_atomically(host::kReachBefore, reach(), 0600); }

bool HostNetwork::follow(SteadyTime now) {
  const auto interfaces = read_interfaces();
  follow_routes(interfaces);
  return chosen_otherwise(now, interfaces);
}

void HostNetwork::follow_routes(std::span<const InterfaceState> interfaces) {
  // One interface needs no rules; asking costs a process each time.
  const auto several = std::ranges::count_if(interfaces, [](const auto& one) { return !one.loopback && one.up; }) > 1;
  if (!several && gateways_.empty()) return;
  for (const Family family : {Family::v4, Family::v6}) {
    std::string& rules = source_rules_[family == Family::v6];
    const auto routes = read_routes(family);
    if (family == Family::v6) keep_gateways(routes);
    const std::string wanted = source_routing(family, interfaces, routes);
    if (wanted == rules) continue;
    const char* which = family == Family::v4 ? "-4" : "-6";
    run_program({kIp, which, "rule", "flush", "priority", std::to_string(kSourcePriority)});
    if (!wanted.empty()) run_program({kIp, which, "-force", "-batch", "-"}, wanted);
    rules = wanted;
  }
}

}  // namespace sonde
