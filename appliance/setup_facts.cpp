#include "appliance/setup_facts.h"

#include <unistd.h>

#include <array>
#include <filesystem>

#include "core/access/limits.h"

namespace sonde {
namespace {

namespace fs = std::filesystem;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// The driver that stands behind an interface; one without hardware has none.
std::string driver_of(const std::string& interface) {
  std::error_code error;
  return fs::read_symlink("/sys/class/net/" + interface + "/device/driver", error).filename().string();
}

FoundInterface found(const InterfaceState& state) {
  FoundInterface one{state.name, state.hardware_address, driver_of(state.name), state.running, {}};
  for (const Prefix& own : state.addresses) one.addresses.push_back({own.address, own.length});
  return one;
}

}  // namespace

std::string zone_of_link(const std::string& target) {
  const auto at = target.find("zoneinfo/");
  return at == std::string::npos ? "UTC" : target.substr(at + 9);
}

SetupFacts setup_facts(const std::vector<InterfaceState>& interfaces) {
  SetupFacts facts;
  for (const InterfaceState& state : interfaces)
    if (!state.loopback) facts.interfaces.push_back(found(state));
  facts.host_name = host_name();
  std::error_code error;
  facts.zone = zone_of_link(fs::read_symlink("/etc/localtime", error).string());
  for (const Prefix& network : on_link_networks(interfaces))
    if (!network.address.is_link_local()) facts.networks.push_back(network);
  return facts;
}

}  // namespace sonde
