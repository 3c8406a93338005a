#include "appliance/suggested_tests.h"

#include <algorithm>
#include <sstream>

#include "core/base/files.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMost = 5;

FirstTest ping_to(const IpAddress& address, const std::string& id, const std::string& name,
                  const std::string& sentence) {
  FirstTest test;
  test.spec.id = id;
  test.spec.title = "Ping to " + name;
  test.spec.probe = "ping";
  test.spec.family = address.family();
  test.spec.schedule = {.kind = Schedule::Kind::every, .period = 5min, .spread = 30s};
  test.peer = {{}, name, address.text()};
  test.sentence = sentence;
  test.selected = false;  // what leaves the host is asked for, never presumed
  test.leaves_host = true;
  return test;
}

}  // namespace

std::optional<IpAddress> default_router(std::string_view routes) {
  std::istringstream lines{std::string(routes)};
  std::string line;
  std::getline(lines, line);  // the headings
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string interface, destination, router;
    if (!(fields >> interface >> destination >> router) || destination != "00000000" || router == "00000000") continue;
    Bytes octets = from_hex(router);  // as the kernel holds it: the machine's own order, here little-endian
    if (octets.size() != 4) continue;
    std::ranges::reverse(octets);
    return IpAddress::v4(std::span<const std::byte, 4>(octets.data(), 4));
  }
  return std::nullopt;
}

std::vector<IpAddress> name_servers(std::string_view resolv_conf) {
  std::vector<IpAddress> found;
  std::istringstream lines{std::string(resolv_conf)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string word, text;
    if (!(fields >> word >> text) || word != "nameserver") continue;
    const auto address = IpAddress::parse(text);
    if (address && !address->is_loopback() && std::ranges::find(found, *address) == found.end())
      found.push_back(*address);
  }
  return found;
}

std::vector<FirstTest> suggested_tests() {
  std::vector<FirstTest> tests;
  const auto router = default_router(read_file("/proc/net/route", 1 << 20).value_or(""));
  if (router)
    tests.push_back(
        ping_to(*router, "first-router", "router " + router->text(),
                "10 pings every 5 min to the router that this host's traffic leaves by: is it the first hop?"));
  for (const IpAddress& server : name_servers(read_file("/etc/resolv.conf", 64 << 10).value_or(""))) {
    if (tests.size() >= kMost || server == router) continue;
    tests.push_back(ping_to(server, "first-names-" + std::to_string(tests.size()), "name server " + server.text(),
                            "10 pings every 5 min to a name server that this host asks."));
  }
  return tests;
}

}  // namespace sonde
