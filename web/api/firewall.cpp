#include <algorithm>

#include "web/api/node_json.h"

namespace sonde::web {
namespace {

std::vector<std::string> own_addresses(const Snapshot& now) {
  std::vector<std::string> addresses;
  for (const InterfaceState& interface : now.health.interfaces) {
    if (interface.loopback || !interface.up) continue;
    for (const Prefix& address : interface.addresses)
      if (!address.address.is_link_local()) addresses.push_back(address.address.text());
  }
  return addresses;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string ports_text(const PortView& port) {
  if (port.first == 0) return port.protocol;
  return port.protocol + " port" +
         (port.last > port.first ? "s " + std::to_string(port.first) + " to " + std::to_string(port.last)
                                 : " " + std::to_string(port.first));
}

std::string rule_line(const PortView& port, const std::string& here, const std::string& there) {
  std::string line;
  if (port.direction != "out")
    line += "  allow " + ports_text(port) + " from " + there + " to " + here + "   (" + port.purpose + ")\n";
  if (port.direction != "in")
    line += "  allow " + ports_text(port) + " from " + here + " to " + there + "   (" + port.purpose + ")\n";
  return line;
}

}  // namespace

std::string firewall_request(const Snapshot& now, const Peer* peer) {
  const Site& site = now.config->site;
  const auto addresses = own_addresses(now);
  const std::string here = addresses.empty() ? (site.name.empty() ? "this node" : site.name) : joined(addresses);
  const std::string there = peer ? peer->address : "the networks that measure with us";
  std::string text = "Please let the following network measurement traffic pass for " +
                     (site.name.empty() ? std::string("our measurement node") : site.name) + ".\n\n";
  text +=
      "The node sends small test packets to measure delay and loss between networks. Replies must pass as well;\n"
      "for UDP the state of a connection must be kept for at least two minutes.\n\n";
  for (const PortView& port : now.ports) {
    if (port.for_operators) continue;
    text += rule_line(port, here, there);
  }
  text += "\nICMP \"fragmentation needed\" and \"packet too big\" must pass in both directions, too.\n";
  if (!site.contact.empty())
    text += "\nQuestions: " + site.contact + (site.organisation.empty() ? "" : ", " + site.organisation) + "\n";
  return text;
}

}  // namespace sonde::web
